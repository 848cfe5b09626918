from pathlib import Path

import yaml


def parameters() -> dict:
    return yaml.safe_load(Path("params.yaml").read_text())
