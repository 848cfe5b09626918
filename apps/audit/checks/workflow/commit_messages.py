from collections.abc import Iterator

from apps.audit.check import Check, Effort, Evidence, Finding, Past, fails, passes, threshold
from apps.audit.facts.messages import Messages, share


class CommitMessages(Check):
    """Commit messages follow one convention

    A type in front of each message tells a change of data from one of the model and from a fix, to readers, release
    notes and `git log --grep '^exp'` alike.

    Fix: write `type(scope): what it does`, all in lower case, and let a hook refuse the rest:
        # .pre-commit-config.yaml; types: feat fix exp data model perf refactor test docs chore build ci style revert
        - repo: https://github.com/compilerla/conventional-pre-commit
          rev: v4.3.0
          hooks: [{id: conventional-pre-commit, stages: [commit-msg], args: [feat, fix, exp, data, model, chore]}]
    """

    weight = 2
    effort = Effort.MINUTES
    percent: float = threshold(80, "Least share of messages that follow the convention, in percent.", most=100)
    commits: int = threshold(200, "How many of the last commits are looked at.", least=1)

    def run(self, messages: Messages) -> Iterator[Finding | Evidence]:
        judged = messages.last(self.commits)
        following = [each for each in judged if each.type]
        said = f"{len(following)} of the last {len(judged)} commits that are no merges follow the convention"
        if share(judged) * 100 >= self.percent:
            yield Evidence(said)
            yield from (Evidence(f"{each.commit.id[:10]}: {each.commit.subject}") for each in following[:3])
        else:
            examples = [each.commit.subject[:60] for each in judged if not each.type][:3]
            yield Finding(f"{said}; not: {', '.join(f'“{example}”' for example in examples)}")

    examples = (
        passes({}, "2 of the last 2", history=("feat: train a forest", "exp(churn)!: deeper trees")),
        passes({}, "1 of the last 1", history=("fix: weight the classes", Past("Merge branch 'main'", merge=True))),
        passes({}, "4 of the last 5", history=("data: a", "model: b", "perf: c", "revert: d", "Initial commit")),
        fails({}, "0 of the last 3", history=("Feat: upper case", "feat:no space", "feature: another type")),
        fails({}, "0 of the last 1 commits that are no merges follow the convention; not: “wip”", history=("wip",)),
    )
