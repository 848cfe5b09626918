"""Code, data and model: whether each is versioned, told by checks that anyone can look up."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from apps.audit.check import Outcome
from apps.scorecards.report import Row

# The first of each tells whether there is anything to version: where it is not judged, nothing is.
PILLARS = {
    "Code": (
        "structure/dependencies-declared",
        "reproducibility/dependencies-locked",
        "reproducibility/python-version",
        "hygiene/large-files",
        "hygiene/source-parses",
    ),
    "Data": (
        "dvc/data-is-versioned",
        "dvc/remote-configured",
        "dvc/data-pushed",
        "dvc/pointers-valid",
        "dvc/chain-consistent",
        "reproducibility/test-set-versioned",
        "hygiene/data-files",
    ),
    "Model": (
        "reproducibility/model-registered",
        "reproducibility/hyperparameters-in-config",
        "reproducibility/initialisation-pinned",
        "structure/models-folder",
        "hygiene/model-binaries",
        "dvc/lock-in-sync",
    ),
}
JUDGED = {Outcome.PASSED, Outcome.FAILED}


@dataclass(frozen=True)
class Pillar:
    """One of the three, with the checks that were judged; those that failed come first."""

    name: str
    rows: Sequence[Row]

    @property
    def passed(self) -> int:
        return sum(row.outcome is Outcome.PASSED for row in self.rows)

    @property
    def state(self) -> str:
        """complete, partial, missing; empty where nothing was judged."""
        if not self.rows:
            return ""
        return "complete" if self.passed == len(self.rows) else "partial" if self.passed else "missing"


def pillars(rows: Mapping[str, Row]) -> list[Pillar]:
    """The three pillars from the results of all checks."""
    judged = dict[str, list[Row]]()
    for name, slugs in PILLARS.items():
        found = [rows[slug] for slug in slugs if slug in rows and rows[slug].outcome in JUDGED]
        judged[name] = found if found and found[0].slug == slugs[0] else []
    return [Pillar(name, sorted(each, key=lambda row: row.outcome is Outcome.PASSED)) for name, each in judged.items()]
