"""`python -m apps.audit.replay PATH`: the commits that led to one, audited, so that each change has its commit.

Each is judged as if the repository had stopped there: there are no other branches, no tags and no remote. So neither
the order of the commits nor what is asked for together changes anything.
"""

from __future__ import annotations

import argparse
import gc
import json
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import islice
from pathlib import Path

from apps.audit import cli, digests, faults, git, sandbox, sources
from apps.audit.cache import DerivedCache
from apps.audit.engine import SCHEMA, Audit
from apps.audit.facts.history import History
from apps.audit.policy import Policy, PolicyError
from apps.audit.snapshot import Cache, Commit, Json, Snapshot
from apps.audit.text import cleaned

# How far back it goes, and how many audits share one process and its bounds.
MOST_COMMITS, AT_ONCE = 200, 20


@dataclass(frozen=True)
class Replay:
    """The last commits on the line of first parents that leads to the opened commit."""

    opened: git.Opened
    policy: Policy
    derived: Cache
    left_out: int = 0

    @cached_property
    def last(self) -> Snapshot:
        return sources.from_git(self.alone(self.opened.commit), self.derived, self.left_out)

    def answers(self, known: frozenset[str]) -> Iterator[Json]:
        """What is judged now, the youngest first, and whether that is all; then what came of each commit."""
        history = History.read(self.last)
        line = islice(history.first_parents(), MOST_COMMITS) if history else ()
        due = [commit for commit in line if commit.id not in known]
        now = due[:AT_ONCE]
        yield {
            "schema": SCHEMA,
            "engine": digests.engine(),
            "asked": cleaned([about(commit) for commit in now]),
            "complete": len(now) == len(due),
        }
        for commit in now:
            yield {"commit": commit.id} | cleaned(self.judged(commit))

    def judged(self, commit: Commit) -> dict[str, Json]:
        """Outcomes and measures, or why there are none."""
        try:
            opened = self.alone(commit.id)
            audit = Audit(sources.from_git(opened, self.derived, self.left_out, self.last.ancestry), self.policy)
        except faults.SourceError as error:
            return {"error": str(error)}
        except MemoryError:
            return {"error": f"The audit needed more than {sandbox.MEMORY}."}
        return {"outcomes": audit.outcomes, "measures": audit.measures}

    def alone(self, commit: str | None) -> git.Opened:
        """The git directory as if nothing but a commit and its ancestors were there."""
        return replace(self.opened, commit=commit, branches=[], tags=[])


def about(commit: Commit) -> dict[str, Json]:
    return {
        "commit": commit.id,
        "parent": next(iter(commit.parents), ""),
        "author": commit.author,
        "committed_at": commit.committed_at.isoformat(),
    }


def parser() -> argparse.ArgumentParser:
    options = argparse.ArgumentParser(prog="python -m apps.audit.replay", description="Audit the last commits.")
    options.add_argument("path", metavar="PATH", type=Path, help="a git repository")
    options.add_argument("--revision", metavar="REV", default="HEAD", help="the last of the commits (default: HEAD)")
    options.add_argument("--known", metavar="FILE", type=Path, help="ids of commits to leave out, one a line")
    options.add_argument("--policy", metavar="FILE", help="thresholds as JSON; - for standard input")
    options.add_argument("--cache", metavar="FILE", type=Path, required=True, help="keep what was derived here")
    options.add_argument("--left-out", metavar="BYTES", type=int, default=0, help="files of so many bytes miss")
    return options


def main(arguments: Sequence[str] | None = None) -> int:
    """Answers in lines of JSON, each as soon as it is known; 0, or 2 when nothing could be audited."""
    chosen = parser().parse_args(arguments)
    try:
        policy = cli.read_policy(chosen.policy)
        known = frozenset(chosen.known.read_text(encoding="ascii").split()) if chosen.known else frozenset[str]()
        with closing(DerivedCache(chosen.cache)) as derived, git.opened(chosen.path, chosen.revision) as opened:
            sandbox.confine(writable=[chosen.cache.parent])
            for answer in Replay(opened, policy, derived, chosen.left_out).answers(known):
                print(json.dumps(answer, allow_nan=False), flush=True)
    except BrokenPipeError:  # whoever read our answer has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except (faults.SourceError, PolicyError, OSError, ValueError) as error:
        return faults.refuse(error, "json")
    return 0


if __name__ == "__main__":
    gc.disable()  # as in __main__.py
    sys.exit(main())
