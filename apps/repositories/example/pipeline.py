"""What `dvc repro` writes to dvc.lock, worked out without running anything.

Hashes of files in git are true. Data is never there: its hash is a digest of everything that makes it, so a change
of code, parameter or data upstream shows in every hash downstream, as it does with DVC.
"""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import Any

from ruamel.yaml import YAML

Files = Mapping[str, bytes]
Entry = dict[str, Any]

SHARE_OF_TABLE = {"data/train.csv": 0.8, "data/test.csv": 0.2, "data/features": 0.35, "models/churn.joblib": 0.04}


def pointer(path: str, *, size: int, version: str) -> str:
    """The .dvc file of a file that is data."""
    name = PurePosixPath(path).name
    return f"outs:\n- md5: {_md5(version.encode())}\n  size: {size}\n  hash: md5\n  path: {name}\n"


def lock(files: Files) -> str:
    """The dvc.lock of these files, all stages freshly run."""
    data = _pointed_at(files)
    table_size = sum(entry["size"] for entry in data.values())
    parameters = parsed(files["params.yaml"])
    stages: dict[str, Entry] = {}
    for name, stage in parsed(files["dvc.yaml"])["stages"].items():
        run: Entry = {
            "cmd": stage["cmd"],
            "deps": [data.get(path) or _tracked(path, files) for path in stage["deps"]],
            "params": {"params.yaml": {key: parameters[key] for key in stage["params"]}},
        }
        made_of = json.dumps(run, sort_keys=True)
        for path in stage.get("outs", ()):
            data[path] = _made(path, made_of, round(table_size * SHARE_OF_TABLE[path]))
        results = [path for metric in stage.get("metrics", ()) for path in metric]
        outs = [data[path] for path in stage.get("outs", ())] + [_tracked(path, files) for path in results]
        stages[name] = {**run, "outs": outs}
    return _dump({"schema": "2.0", "stages": stages})


def _pointed_at(files: Files) -> dict[str, Entry]:
    found = {}
    for name in files:
        if name.endswith(".dvc"):
            path = name.removesuffix(".dvc")
            out = parsed(files[name])["outs"][0]
            found[path] = _entry(path, out["md5"], out["size"])
    return found


def _made(path: str, made_of: str, size: int) -> Entry:
    digest = _md5(f"{path} of {made_of}".encode())
    size += int(digest[:3], 16)
    if PurePosixPath(path).suffix:
        return _entry(path, digest, size)
    return {**_entry(path, f"{digest}.dir", size), "nfiles": 2}


def _tracked(path: str, files: Files) -> Entry:
    return _entry(path, _md5(files[path]), len(files[path]))


def _entry(path: str, md5: str, size: int) -> Entry:
    return {"path": path, "hash": "md5", "md5": md5, "size": size}


def _md5(content: bytes) -> str:
    return hashlib.md5(content, usedforsecurity=False).hexdigest()


def parsed(content: bytes) -> Any:
    return YAML(typ="safe").load(content)


def _dump(value: Entry) -> str:
    yaml = YAML()
    yaml.representer.ignore_aliases = lambda _: True
    stream = io.StringIO()
    yaml.dump(value, stream)
    return stream.getvalue()
