"""Runs the checks of the catalogue on one snapshot."""

from __future__ import annotations

import sys
import traceback
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import TypeVar

from apps.audit import catalog, digests, sandbox, score
from apps.audit.check import Check, Evidence, Finding, NotApplicable, Outcome, Unknown, Yield
from apps.audit.facts import Fact, FactError, Facts, wanted
from apps.audit.facts.dvc.states import States
from apps.audit.facts.hooks.coverage import Coverage
from apps.audit.facts.layout import Layout
from apps.audit.facts.past import Past
from apps.audit.facts.project import Project
from apps.audit.facts.secrets.credentials import Credentials
from apps.audit.facts.suite import Suite
from apps.audit.policy import Policy, digest
from apps.audit.snapshot import Json, Snapshot
from apps.audit.text import cleaned

SCHEMA = 1
# More findings of one check help nobody; the reason says how many there were.
MOST_FINDINGS, MOST_TEXT = 100, 30_000
# Facts that pages draw and `--facts` prints.
SUMMARISED: tuple[type[Fact], ...] = (Project, Layout, Coverage, States, Suite)
# They read all texts and keep little: what that takes is free again when the code is read, which is held.
FIRST: set[type] = {Credentials, Past}
P = TypeVar("P", Finding, Evidence)


@dataclass(frozen=True)
class Result:
    """What one check said of one snapshot."""

    check: type[Check]
    outcome: Outcome
    reason: str = ""
    findings: tuple[Finding, ...] = ()
    evidence: tuple[Evidence, ...] = ()

    def to_json(self, weight: float) -> Json:
        return {
            "check": self.check.slug,
            "title": self.check.title(),
            "outcome": self.outcome,
            "weight": weight,
            "effort": self.check.effort,
            "reason": self.reason,
            "findings": [place(each) | {"fix": each.fix} for each in within_budget(self.findings)],
            "evidence": [place(each) for each in within_budget(self.evidence)],
        }


def within_budget(items: Sequence[P]) -> list[P]:
    """The first items whose texts together stay short enough for the answers of all checks to fit into one reply."""
    lengths = accumulate(len(f"{item.message}{item.path}".encode("ascii", "backslashreplace")) for item in items)
    return [item for item, length in zip(items, lengths, strict=True) if length <= MOST_TEXT]


def place(item: Finding | Evidence) -> dict[str, Json]:
    return {"message": item.message, "path": item.path, "line": item.line}


class Audit:
    """All results of one snapshot under one policy. `only` limits it to an area or a check and what that requires."""

    def __init__(self, snapshot: Snapshot, policy: Policy, only: str = "") -> None:
        self.snapshot, self.policy, self.facts = snapshot, policy, Facts(snapshot)
        self.results: dict[str, Result] = {}
        chosen = [check for slug, check in catalog.checks().items() if only in {"", slug, check.area}]
        for check in sorted(chosen, key=lambda check: FIRST.isdisjoint(want.type for want in wanted(check.run))):
            self.result(check)
        self.results = {slug: self.results[slug] for slug in catalog.checks() if slug in self.results}

    def result(self, check: type[Check]) -> Result:
        if check.slug not in self.results:
            self.results[check.slug] = self.judge(check)
        return self.results[check.slug]

    def judge(self, check: type[Check]) -> Result:
        if not self.policy.is_on(check):
            return Result(check, Outcome.NOT_APPLICABLE, "off in the policy")
        for required in check.requires:
            needed = self.result(required)
            if needed.outcome is not Outcome.PASSED:
                outcome = needed.outcome if needed.outcome in score.INCOMPLETE else Outcome.NOT_APPLICABLE
                reason = needed.reason if needed.outcome is Outcome.NOT_APPLICABLE else f"needs: {required.slug}"
                return Result(check, outcome, reason)
        try:
            return self.run(check)
        except MemoryError:
            return Result(check, Outcome.ERRORED, f"the check needed more than {sandbox.MEMORY}")
        except Exception as error:
            if isinstance(error, FactError) and error.for_memory:
                return Result(check, Outcome.ERRORED, f"{error.name} needed more than {sandbox.MEMORY}")
            traceback.print_exc(file=sys.stderr)
            return Result(check, Outcome.ERRORED, f"the check broke: {type(error).__name__}: {error}")

    def run(self, check: type[Check]) -> Result:
        project = self.facts.get(Project) if check.not_for else None
        if project and project.kind in check.not_for:
            return Result(check, Outcome.NOT_APPLICABLE, f"the project is a {project.kind}: {project.why}")
        configured = self.policy.configured(check)
        absent = next((fact for fact in check.about if self.facts.get(fact) is None), None)
        if missing := absent or self.facts.missing(check.run):
            return Result(check, Outcome.NOT_APPLICABLE, missing.absent)
        return conclude(check, configured.run(**self.facts.arguments(check.run)))

    @property
    def outcomes(self) -> dict[str, Outcome]:
        """By the check's slug."""
        return {slug: result.outcome for slug, result in self.results.items()}

    @property
    def measures(self) -> dict[str, float]:
        """The numbers that the facts which were read offer, by name."""
        return dict(sorted((name, value) for fact in self.facts.all() for name, value in fact.measures().items()))

    def to_json(self, with_facts: bool = False) -> Json:
        """The contract: see DESIGN, "The JSON of an audit"."""
        total = score.evaluate(self.outcomes, self.policy)
        answer = {
            "schema": SCHEMA,
            "commit": self.snapshot.commit,
            "committed_at": self.snapshot.committed_at.isoformat(),
            "context": context(self.snapshot),
            "engine": digests.engine(),
            "policy": self.policy.digest,
            "score": total.score,
            "grade": total.grade,
            "complete": total.complete,
            "areas": [vars(area) for area in total.areas],
            "results": [
                self.results[s].to_json(self.policy.weight(c)) for s, c in catalog.checks().items() if s in self.results
            ],
            "measures": self.measures,
        }
        if with_facts:
            answer["facts"] = {kind.__name__.lower(): self.summary(kind) for kind in SUMMARISED}
        return cleaned(answer)

    def summary(self, kind: type[Fact]) -> Json:
        """What a fact says to pages and people; None where it does not exist or broke."""
        try:
            fact = self.facts.get(kind)
        except FactError:
            return None
        return fact.summary() if fact else None


def conclude(check: type[Check], yielded: Iterable[Yield]) -> Result:
    """Findings win over unknowns, unknowns over not applicable; a check that says none of these passes."""
    said = list(dict.fromkeys(yielded))
    findings = tuple(each for each in said if isinstance(each, Finding))
    evidence = tuple(each for each in said if isinstance(each, Evidence))[:MOST_FINDINGS]
    unknowns = [each for each in said if isinstance(each, Unknown)]
    exempt = next((each.reason for each in said if isinstance(each, NotApplicable)), None)
    if findings:
        reason = f"the first {MOST_FINDINGS} of {len(findings):,} findings" if len(findings) > MOST_FINDINGS else ""
        return Result(check, Outcome.FAILED, reason, findings[:MOST_FINDINGS], evidence)
    if unknowns:
        first = unknowns[0]
        more = f", and {len(unknowns) - 1} more" if len(unknowns) > 1 else ""
        return Result(check, Outcome.UNKNOWN, f"{first.path}: {first.reason}{more}".removeprefix(": "), (), evidence)
    if exempt is not None:
        return Result(check, Outcome.NOT_APPLICABLE, exempt)
    return Result(check, Outcome.PASSED, "", (), evidence)


def context(snapshot: Snapshot) -> str:
    """Names what a verdict used beside the commit: the other branches and the tags as seen, which files miss, and
    what a remote holds."""
    others = (ref for ref in snapshot.branches if ref.name != snapshot.default_branch)
    refs = [[ref.name, ref.commit] for ref in (*others, *snapshot.tags)]
    partial = [snapshot.left_out] if snapshot.left_out else []
    asked = [snapshot.storage.to_json()] if snapshot.storage else []
    return digest([refs, snapshot.default_branch, *partial, *asked])
