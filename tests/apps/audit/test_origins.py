"""Where a loaded path comes from."""

from __future__ import annotations

import pytest

from apps.audit.facts import Facts
from apps.audit.facts.python.modules import Modules
from apps.audit.facts.python.origins import ARGUMENT, DOWNLOAD, URL, Origins
from apps.audit.sources import from_memory


def origin(source: str) -> str:
    """The origin of what the one call of `load` is given."""
    modules = Facts(from_memory({"m.py": source})).get(Modules)
    assert modules
    (module,) = modules
    assert not module.error
    (call,) = (call for call in module.calls if call.name == "load")
    return Origins(module).of(call.args, call)


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("load('a.pkl')", ""),
        ("import sys\nload(sys.argv[1])", ARGUMENT),
        ("import os, sys\nfolder = sys.argv[1]\nload(os.path.join(folder, 'a.pkl'))", ARGUMENT),
        ("import sys\nwith open(sys.argv[1], 'rb') as f:\n    load(f)", ARGUMENT),
        ("import argparse\nargs = argparse.ArgumentParser().parse_args()\nload(f'{args.out}/a.pkl')", ARGUMENT),
        ("from pathlib import Path\nimport sys\np = Path(sys.argv[1]) / 'a'\nload(p.open('rb'))", ARGUMENT),
        ("def run(path):\n    load(path)\n\nimport sys\nrun(sys.argv[1])", ARGUMENT),
        ("def run(path):\n    load(path)\n\nrun('a.pkl')", ""),
        ("import click\n\n@click.command()\n@click.argument('p')\ndef main(p):\n    load(p)", ARGUMENT),
        ("import typer\n\ndef main(p: str):\n    load(p)\n\ntyper.run(main)", ARGUMENT),
        (
            "class M:\n    def __init__(self):\n        self.p = input()\n    def go(self):\n        load(self.p)",
            ARGUMENT,
        ),
        ("import requests\nload(requests.get(address).content)", DOWNLOAD),
        ("from huggingface_hub import hf_hub_download as get\nf = get('a', 'b')\nload(f)", DOWNLOAD),
        ("import urllib.request\nload(urllib.request.urlopen(u))", DOWNLOAD),
        ("PATH = 'https://a.b/c.pkl'\nload(PATH)", URL),
        ("def f():\n    import sys\n    p = sys.argv[1]\n\ndef g():\n    p = 'a'\n    load(p)", ""),
        ("a = b\nb = a\nload(a)", ""),
    ],
)
def test_origin(source: str, expected: str) -> None:
    assert origin(source) == expected
