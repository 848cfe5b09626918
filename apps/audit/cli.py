"""`python -m apps.audit PATH`: an audit without a database, for a repository's own CI and for mlhealth's workers."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import replace
from pathlib import Path

from apps.audit import catalog, faults, folder, git, sandbox, sources
from apps.audit.cache import DerivedCache
from apps.audit.check import Check, Outcome
from apps.audit.engine import Audit, Result
from apps.audit.facts import Facts
from apps.audit.facts.dvc.needed import Needed
from apps.audit.policy import Policy, PolicyError
from apps.audit.score import evaluate, first_fixes
from apps.audit.snapshot import Snapshot
from apps.audit.storage import Storage, StorageError
from apps.audit.text import clean_text

BELOW_FLOOR = 1
SIGNS = {
    Outcome.PASSED: "✓",
    Outcome.FAILED: "✕",
    Outcome.UNKNOWN: "?",
    Outcome.ERRORED: "!",
    Outcome.NOT_APPLICABLE: "·",
}


def parser() -> argparse.ArgumentParser:
    options = argparse.ArgumentParser(prog="python -m apps.audit", description="Audit one commit of an ML project.")
    options.add_argument("path", metavar="PATH", type=Path, nargs="?", help="a git repository, or a folder without git")
    options.add_argument("--revision", metavar="REV", default="HEAD", help="the commit to audit (default: HEAD)")
    options.add_argument("--format", choices=("text", "json"), default="text")
    options.add_argument("--facts", action="store_true", help="add the facts to the JSON")
    options.add_argument(
        "--only", metavar="AREA|CHECK", default="", help="run one area or one check, and what it requires"
    )
    options.add_argument("--explain", metavar="CHECK", help="print what a check wants, why, and how to fix it")
    options.add_argument("--fail-under", metavar="N", type=float, help="exit with 1 when the score is below N")
    options.add_argument("--policy", metavar="FILE", help="thresholds and weights as JSON; - for standard input")
    options.add_argument("--cache", metavar="FILE", type=Path, help="keep what was derived from files here")
    options.add_argument(
        "--left-out",
        metavar="BYTES",
        type=int,
        default=0,
        help="in a partial clone, files of so many bytes miss",
    )
    options.add_argument("--needed", action="store_true", help="print where the DVC remote keeps what the commit needs")
    options.add_argument("--storage", metavar="FILE", help="what the DVC remote holds of that, as JSON")
    return options


def prepare() -> None:
    """For a process that will fork many: do once what each of them would do first, by an audit of all our examples."""
    examples = (example for check in catalog.checks().values() for example in check.examples)
    files = {path: content for example in examples for path, content in example.files.items()}
    Audit(sources.from_memory(files), Policy()).to_json(with_facts=True)


def main(arguments: list[str] | None = None) -> int:
    """0 when audited, 1 below --fail-under, 2 when nothing could be audited."""
    options = parser()
    chosen = options.parse_args(arguments)
    if chosen.explain:
        return explain(options, chosen.explain)
    if chosen.path is None:
        options.error("PATH is missing")
    if chosen.only and chosen.only not in {*catalog.areas(), *catalog.checks()}:
        options.error(f"--only: there is no area or check {chosen.only!r}")
    try:
        policy, stored = read_policy(chosen.policy), read_storage(chosen.storage)
        if not chosen.needed:
            catalog.checks()  # now: once it is confined, Python can no longer keep what it has compiled
        with snapshot(chosen) as found:
            if chosen.needed:
                print(json.dumps({"schema": 1, "needed": needed(found)}))
                return 0
            seen = replace(found, storage=stored)
            audit = Audit(seen, policy, chosen.only)
            print(render_json(audit, chosen.facts) if chosen.format == "json" else "\n".join(render_text(audit)))
    except BrokenPipeError:  # whoever read our answer has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except (faults.SourceError, PolicyError, StorageError, OSError) as error:
        return faults.refuse(error, chosen.format)
    except MemoryError:
        return faults.refuse(faults.TooLarge(f"The audit needed more than {sandbox.MEMORY}."), chosen.format)
    score = evaluate(audit.outcomes, policy).score
    return BELOW_FLOOR if chosen.fail_under is not None and (score or 0) < chosen.fail_under else 0


def read_policy(name: str | None) -> Policy:
    if name is None:
        return Policy()
    text = sys.stdin.read() if name == "-" else Path(name).read_text(encoding="utf-8")
    try:
        return Policy.parse(json.loads(text))
    except json.JSONDecodeError as error:
        raise PolicyError(f"--policy: not JSON: {error}") from error


def read_storage(name: str | None) -> Storage | None:
    if name is None:
        return None
    try:
        return Storage.parse(json.loads(Path(name).read_text(encoding="utf-8")))
    except json.JSONDecodeError as error:
        raise StorageError(f"--storage: not JSON: {error}") from error


def needed(seen: Snapshot) -> list[str]:
    """Where in its default remote DVC keeps what the commit needs."""
    found = Facts(seen).get(Needed)
    return list(found.keys) if found else []


@contextmanager
def snapshot(chosen: argparse.Namespace) -> Iterator[Snapshot]:
    """The snapshot that was asked for. The process is confined before the first byte of it is parsed."""
    path, cache = chosen.path, chosen.cache
    kept = [cache.parent] if cache else []
    with ExitStack() as stack:
        derived = stack.enter_context(closing(DerivedCache(cache))) if cache else None
        if git.git_directory(path) is None:
            if not path.is_dir():
                raise faults.NotARepository(f"{path} does not exist")
            sandbox.confine(readable=[path], writable=kept)
            yield folder.from_folder(path, derived)
        else:
            opened = stack.enter_context(git.opened(path, chosen.revision))
            sandbox.confine(writable=kept)
            yield sources.from_git(opened, derived, chosen.left_out)


def render_json(audit: Audit, with_facts: bool) -> str:
    return json.dumps(audit.to_json(with_facts), allow_nan=False)


def render_text(audit: Audit) -> Iterator[str]:
    total = evaluate(audit.outcomes, audit.policy)
    shown = "no score: nothing could be judged" if total.score is None else f"{total.grade} {total.score:.1f}"
    yield f"{shown}{'' if total.complete else ' (incomplete)'}  {audit.snapshot.commit[:12]}"
    for area in total.areas:
        if area.score is not None:
            yield f"  {area.title:30} {area.grade} {area.score:5.1f}  {area.passed} of {area.judged} passed"
    if fixes := first_fixes(audit.outcomes, audit.policy)[:5]:
        yield "\nFix these first"
        for fix in fixes:
            yield f"  +{fix.gain:<5} {fix.check.effort:8} {fix.check.title()} ({fix.check.slug})"
    for outcome in (Outcome.FAILED, Outcome.ERRORED, Outcome.UNKNOWN, Outcome.PASSED, Outcome.NOT_APPLICABLE):
        chosen = [result for result in audit.results.values() if result.outcome is outcome]
        if chosen:
            yield f"\n{outcome.replace('_', ' ').capitalize()} ({len(chosen)})"
        for result in chosen:
            yield from render_result(result)


def render_result(result: Result) -> Iterator[str]:
    reason = f": {clean_text(result.reason)}" if result.reason else ""
    yield f"  {SIGNS[result.outcome]} {result.check.title()}  {result.check.slug}{reason}"
    for item in (result.findings or result.evidence)[:5]:
        place = f"{item.path}:{item.line}" if item.line else item.path
        yield f"      {clean_text(place)}  {clean_text(item.message)}".rstrip()
    if len(result.findings) > 5:
        yield f"      … and {len(result.findings) - 5} more"


def explain(options: argparse.ArgumentParser, slug: str) -> int:
    check = catalog.checks().get(slug)
    if check is None:
        options.error(f"--explain: there is no check {slug!r}")
    print("\n\n".join(explanation(check)))
    return 0


def explanation(check: type[Check]) -> Iterator[str]:
    yield f"{check.title()} ({check.slug}, weight {check.weight}, {check.effort})"
    yield check.why()
    yield f"Fix: {check.fix()}"
    for field in check.thresholds():
        yield f"{field.name} = {field.default}: {field.metadata['help']}"
