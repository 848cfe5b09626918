"""Repositories made to harm who reads them, built when a test asks: an honest project, and one danger in each.

`contents` has those whose danger is in files, `objects` those whose danger is in git itself. A canary is a file that
appears when code of theirs runs; they call an address where they can.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

HONEST: dict[str | bytes, str | bytes] = {
    "README.md": "# Churn\n\nPredicts who leaves. Run `python src/train.py`.\n",
    "LICENSE": "MIT License\n\nPermission is hereby granted, free of charge, to any person obtaining a copy\n",
    "requirements.txt": "numpy==2.0.0\nscikit-learn==1.5.0\n",
    "src/train.py": "import random\nimport numpy as np\n\nrandom.seed(1)\nnp.random.seed(1)\nlr = 0.1\n",
    "tests/test_train.py": "def test_it():\n    assert 1 + 1 == 2\n",
}


@dataclass(frozen=True)
class Place:
    """Where a hostile repository is built, and what it may reach for."""

    path: Path
    canary: Path
    address: str


@dataclass(frozen=True)
class Danger:
    """`check` ends as `outcome` with these `words`; checks whose names begin as one of `about` rightly change, too.

    Where the repository gets no scorecard, `state` says where it stands, and the words are in its explanation.
    """

    build: Callable[[Place], None]
    check: str = ""
    outcome: str = ""
    words: str = ""
    about: tuple[str, ...] = ()
    state: str = "ready"
