"""What a report says in words: the same in mail, text, page and PDF, in the time zone that is active."""

from __future__ import annotations

import math
from collections.abc import Iterable
from datetime import datetime

from django.utils.timezone import localtime

from apps.reports.contents import Contents

SPANS = {1: "day", 7: "week"}


def subject(contents: Contents) -> str:
    """The answer before the mail is opened."""
    verdict = contents.verdict
    if verdict.score is None:
        return f"{contents.title}: not audited yet"
    score = joined([f"{verdict.grade} {whole(verdict.score)}", moved(verdict.change)])
    news = ["quiet"] if contents.is_quiet else turned(contents)
    return f"{contents.title}: {' · '.join([score, *news])}"


def story(contents: Contents) -> list[str]:
    """What happened, in a few sentences."""
    if not contents.verdict.audited:
        return ["Nothing has been audited yet."]
    quiet = [f"{a_quiet(contents)}: no score moved, no check began or ceased to fail, nothing was tried."]
    moves = [because(contents) if contents.is_of_one else movements(contents)]
    said = quiet if contents.is_quiet else [*moves, sentence(turned(contents)), tried(contents)]
    return [each for each in [*said, sentence(behind(contents))] if each]


def a_quiet(contents: Contents) -> str:
    days = round((contents.until - contents.since).total_seconds() / 86_400)
    return f"A quiet {SPANS[days]}" if days in SPANS else f"{days} quiet days"


def because(contents: Contents) -> str:
    return sentence(f"Because {each.because}" for each in (*contents.fell, *contents.rose) if each.because)


def movements(contents: Contents) -> str:
    fell, rose = contents.counts["fell"], contents.counts["rose"]
    return f"{plural(fell, 'repository', 'repositories')} fell, {rose:,} rose." if fell or rose else "No score moved."


def turned(contents: Contents) -> list[str]:
    failures, fixes = contents.counts["failures"], contents.counts["fixes"]
    news = [plural(failures, "new failure", "new failures")] if failures else []
    return [*news, f"{fixes:,} mended"] if fixes else news


def tried(contents: Contents) -> str:
    runs, better = contents.counts["runs"], sum(each.gain is not None for each in contents.trials)
    beat = f", {plural(better, 'project has', 'projects have')} a new best" if better else ""
    return f"{plural(runs, 'experiment', 'experiments')}{beat}." if runs else ""


def behind(contents: Contents) -> list[str]:
    lost, late = contents.counts["unreachable"], contents.counts["unaudited"]
    said = [f"{plural(lost, 'repository', 'repositories')} cannot be read"] if lost else []
    who = f"{late:,}" if lost else plural(late, "repository", "repositories")
    return [*said, f"{who} not audited"] if late else said


def sentence(parts: Iterable[str]) -> str:
    words = joined(parts)
    return f"{words}." if words else ""


def joined(parts: Iterable[str]) -> str:
    return ", ".join(filter(None, parts))


def plural(count: int, one: str, many: str) -> str:
    return f"{count:,} {one if count == 1 else many}"


def moved(change: float | None) -> str:
    """`up 1.2`, `down 4`, or nothing."""
    return f"{'up' if change > 0 else 'down'} {brief(abs(change))}" if change else ""


def brief(number: float) -> str:
    """One decimal, where there is one."""
    return f"{number:.1f}".removesuffix(".0")


def whole(score: float | None) -> str:
    """A score never promises more than there is: 79.9 is not yet a B."""
    return "none" if score is None else str(math.floor(score))


def dates(contents: Contents) -> str:
    """From when to when."""
    since, until = localtime(contents.since), localtime(contents.until)
    clock = ", %H:%M" if (until - since).days < 2 else ""
    first = f"{since.day} {since:%B}{f' {since.year}' if since.year != until.year else ''}"
    return f"{first}{since.strftime(clock)} to {until.day} {until:%B %Y}{until.strftime(clock)}"


def day(moment: datetime) -> str:
    local = localtime(moment)
    return f"{local.day} {local:%B}"
