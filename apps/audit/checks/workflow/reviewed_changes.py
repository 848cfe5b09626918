import re
from collections.abc import Iterator
from itertools import islice

from apps.audit.check import Check, Commit, Effort, Evidence, Finding, Past, fails, passes, threshold
from apps.audit.facts.history import History, is_bot
from apps.audit.regex import regex

# "(#12)" as GitHub, Gitea and Azure put it, "!12" as GitLab does; "after #12" mentions another change.
REVIEWED = regex(r"\(#\d+\)|(?<![\w!])!\d+\b|^Merged PR \d+:")
MERGE_REQUEST = regex(r"^See merge request \S*!\d+", re.MULTILINE)


class ReviewedChanges(Check):
    """Changes reach the default branch by review

    A second reader finds leaks between training and test data that no test looks for. Pushed commits have had none.

    Fix: protect the default branch, so that changes come by pull request; on GitHub:
        gh api -X PUT repos/{owner}/{repo}/branches/main/protection --input protection.json
    """

    weight = 2
    effort = Effort.MINUTES
    percent: float = threshold(80, "Least share of changes that came by merge or pull request, in percent.", most=100)
    commits: int = threshold(100, "How many of the last changes are looked at.", least=1)

    def run(self, history: History) -> Iterator[Finding | Evidence]:
        judged = list(islice((each for each in history.first_parents() if not is_bot(each)), self.commits))
        reviewed = [each for each in judged if is_reviewed(each)]
        said = f"{len(reviewed)} of the last {len(judged)} changes, bots left out, came by merge or pull request"
        if judged and len(reviewed) < self.percent / 100 * len(judged):
            pushed = [f"{each.id[:10]} “{each.subject[:60]}”" for each in judged if not is_reviewed(each)]
            yield Finding(f"{said}; pushed: {', '.join(pushed[:3])}")
        else:
            yield Evidence(said)
            yield from (Evidence(f"{each.id[:10]} {each.subject}") for each in reviewed[:3])

    examples = (
        passes({}, "2 of the last 2", history=("feat: train (#12)", Past("Merge pull request #13", merge=True))),
        passes({}, "1 of the last 1", history=("feat: train\n\nSee merge request ml/churn!7",)),
        passes({}, "1 of the last 1", history=("feat: train (#1)", Past("Bump torch", author="dependabot[bot]"))),
        fails({}, "0 of the last 2", history=("feat: train", "fix: what broke after #12")),
    )


def is_reviewed(commit: Commit) -> bool:
    return commit.is_merge or bool(REVIEWED.search(commit.subject) or MERGE_REQUEST.search(commit.message))
