"""Where the code writes, as far as it says so itself."""

from __future__ import annotations

import pytest

from apps.audit.facts import Facts
from apps.audit.facts.data.written_paths import WrittenPaths
from apps.audit.sources import from_memory


def targets(code: str) -> list[str]:
    fact = Facts(from_memory({"train.py": code})).get(WrittenPaths)
    assert fact
    return [each.target for each in fact.targets]


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("torch.save(m, 'a.pt')", ["a.pt"]),
        ("d = 'out'\ntorch.save(m, os.path.join(d, 'a.pt'))", ["out/a.pt"]),
        ("def f(c):\n    p = os.path.join(c.dir, 'a.pt')\n    torch.save(m, p)\nC.dir = './out'", ["out/a.pt"]),
        ("p.add_argument('--out-dir', default='o')\ntorch.save(m, os.path.join(args.out_dir, 'a.pt'))", ["o/a.pt"]),
        ("from pathlib import Path\np = Path('a.pt')\ntorch.save(m, p)", ["a.pt"]),
        ("from pathlib import Path\np = Path('a.pt')\ntorch.save(m, p)\np.unlink()", []),
        ("torch.save(m, p := 'a.pt')", []),
        ("from transformers import TrainingArguments as T\nT(output_dir='./out', fp16=True)", ["out/"]),
        ("from transformers import TrainingArguments as T\nT(args.out)", []),
        ("from trl import SFTConfig\nd = 'runs/sft'\nSFTConfig(d)", ["runs/sft/"]),
        ("def f(p='a.pt'):\n    torch.save(m, p)", []),
        ("torch.save(m, os.path.join(unknown, 'a.pt'))", []),
        ("p = q\nq = p\ntorch.save(m, p)", []),
        ("torch.save(m, '/tmp/a.pt')", []),
        ("import sqlite3\nsqlite3.connect(':memory:')\nsqlite3.connect('a.db')", ["a.db"]),
        ("from torch.utils.tensorboard import SummaryWriter as S\nS()", ["runs/"]),
        ("from torch.utils.tensorboard import SummaryWriter as S\nS(log_dir='logs/a')", ["logs/a/"]),
        ("from torch.utils.tensorboard import SummaryWriter as S\nS(log_dir=given)", []),
    ],
)
def test_paths_are_followed(code: str, expected: list[str]) -> None:
    assert targets(f"import os, torch\n{code}\n") == expected
