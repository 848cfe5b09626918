"""A report as text, for mail programs that show no HTML, and for Slack: the same numbers in the same order."""

from __future__ import annotations

from collections.abc import Iterator

from apps.experiments.templatetags.experiments import number
from apps.reports.contents import Contents, Move, Trial, Trouble, Turn
from apps.reports.words import brief, dates, day, moved, plural, story, whole


def plain(contents: Contents, link: str, reason: str) -> str:
    verdict = contents.verdict
    head = [contents.title, " · ".join([dates(contents), *audited(contents)]), ""]
    if verdict.score is not None:
        head.append(" · ".join(filter(None, [f"{verdict.grade} {whole(verdict.score)}", moved(verdict.change)])))
    parts = [[*head, *story(contents)]] + [[title.upper(), *lines] for title, lines in sections(contents) if lines]
    return "\n\n".join("\n".join(part) for part in [*parts, [link], [reason]]) + "\n"


def sections(contents: Contents) -> Iterator[tuple[str, list[str]]]:
    more = contents.more
    yield (
        "Fix these first",
        [
            f"{place}. {each.title}: +{brief(each.gain)}, {each.effort}{where(contents, each.repositories)}"
            for place, each in enumerate(contents.steps, 1)
        ],
    )
    if not contents.is_of_one:
        yield "Fell", listed(map(move, contents.fell), more["fell"])
        yield "Rose", listed(map(move, contents.rose), more["rose"])
    yield "New failures", listed(map(turn, contents.failures), more["failures"])
    yield "Mended", listed(map(turn, contents.fixes), more["fixes"])
    yield "Experiments", listed(map(trial, contents.trials), more["trials"])
    yield "Areas", [f"{each.title}: {each.grade} {whole(each.score)}" for each in contents.areas]
    if not contents.is_of_one:
        yield "Lowest", [f"{each.repository.name}: {each.grade} {whole(each.score)}" for each in contents.lowest]
    yield "Cannot be read", listed(map(trouble, contents.unreachable), more["unreachable"])
    yield "Not audited", listed(map(trouble, contents.unaudited), more["unaudited"])


def audited(contents: Contents) -> list[str]:
    verdict = contents.verdict
    return [] if contents.is_of_one else [f"{verdict.audited} of {verdict.repositories} repositories audited"]


def listed(lines: Iterator[str], more: int) -> list[str]:
    return [f"- {line}" for line in lines] + ([f"- and {more:,} more"] if more else [])


def where(contents: Contents, repositories: int) -> str:
    return "" if contents.is_of_one else f", {plural(repositories, 'repository', 'repositories')}"


def move(each: Move) -> str:
    why = ": ".join(filter(None, [each.because, ", ".join(each.checks)]))
    said = f"{each.repository.name}: {each.grade} {whole(each.score)}, {moved(each.change)}"
    return f"{said}, because {why}" if why else said


def turn(each: Turn) -> str:
    return ", ".join(filter(None, [f"{each.repository.name}: {each.title}", source(each), day(each.at)]))


def source(each: Turn) -> str:
    """Whose doing it was."""
    by = f" by {each.author}" if each.author else ""
    return f"{each.commits}{by}" if each.commits else f"because {each.because}" if each.because else ""


def trial(each: Trial) -> str:
    best = f", best {each.name}" + (f" by {each.author}" if each.author else "")
    value = f", {each.metric} {number(each.value)}" if each.metric and each.value is not None else ""
    people = f" by {each.people} people" if each.people > 1 else ""
    gain = f", better by {number(each.gain)}" if each.gain else ""
    return f"{each.repository.name}: {plural(each.runs, 'run', 'runs')}{people}{best}{value}{gain}"


def trouble(each: Trouble) -> str:
    since = f" since {day(each.since)}" if each.since else ""
    detail = f": {each.detail}" if each.detail else ""
    return f"{each.repository.name}: {each.state}{since}{detail}"
