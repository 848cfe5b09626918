"""Makes the letter of what happened."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from django.conf import settings
from django.urls import reverse

from apps.accounts.models import Team
from apps.alerts.lines import Line, Turn
from apps.outbox import mail
from apps.outbox.post import Letter

MOST_LINES = 100
SUMMARY = {Turn.WORSE: "got worse", Turn.PASSED: "came and went", Turn.BETTER: "got better"}


def letter(team: Team, told: Sequence[Line]) -> Letter:
    shown, more = told[:MOST_LINES], max(len(told) - MOST_LINES, 0)
    rules = settings.URL + reverse("team_alerts", args=[team.slug])
    context = {"team": team, "title": subject(team, told), "lines": shown, "more": more, "rules": rules}
    return Letter(
        subject=subject(team, told),
        text="\n".join(text(team, shown, more, rules)) + "\n",
        html=mail.compose("alerts/alert.html", context),
        data={"team": team.slug, "changes": [line.data for line in shown], "more": more},
        link=told[0].link if len(told) == 1 else settings.URL + reverse("fleet"),
    )


def subject(team: Team, told: Sequence[Line]) -> str:
    if len(told) == 1:
        return told[0].title
    counted = Counter(line.turn for line in told)
    parts = [f"{counted[turn]} {words}" for turn, words in SUMMARY.items() if counted[turn]]
    return f"{team}: {', '.join(parts)} (first {told[0].title})"


def text(team: Team, shown: Sequence[Line], more: int, rules: str) -> Iterator[str]:
    for line in shown:
        yield line.title
        if line.because:
            yield f"  Because: {line.because}" if line.kind != "unreachable" else f"  {line.because}"
        if line.commit:
            yield f"  As of commit {line.commit[:10]}"
        yield from (f"  - {place}" for place in line.places)
        yield f"  {line.link}"
        yield ""
    if more:
        yield f"And {more} more."
        yield ""
    yield f"Alerts of {team}: {rules}"
