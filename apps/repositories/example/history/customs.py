"""Who works on churn-model, and how they write about experiments, merge and release."""

from __future__ import annotations

import tomllib

from apps.repositories.example.checkout import Checkout

MIRA = "Mira Okafor <mira@example.org>"
JONAS = "Jonas Lindqvist <jonas@example.org>"
PRIYA = "Priya Raman <priya@example.org>"
TOMAS = "Tomás Vidal <tomas@example.org>"


def experiment(number: int, subject: str, *, hypothesis: str, result: str, notes: str = "none") -> str:
    """A commit message with the fields of the team's template; Checkout fills in the numbers."""
    return f"""exp: {subject}

Experiment: exp-{number:03}
Hypothesis: {hypothesis}
Result: {result}
Metrics:
{{metrics}}
Config changes:
{{parameters}}
Notes: {notes}
"""


def merge(main: Checkout, date: str, author: str, fork: Checkout, *, request: str) -> None:
    """`request` is the pull request's number and title."""
    number, title = request.split(" ", 1)
    main.merge(date, author, fork, f"Merge pull request {number} from {fork.branch}\n\n{title}\n")


def release(main: Checkout, date: str, version: str) -> None:
    last = tomllib.loads(main.files["pyproject.toml"].decode())["project"]["version"]
    main.edit("pyproject.toml", (f'version = "{last}"', f'version = "{version}"'))
    main.commit(date, MIRA, f"chore(release): v{version}", tag=f"v{version}")
