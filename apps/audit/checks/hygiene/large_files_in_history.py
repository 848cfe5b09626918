from collections.abc import Iterator

from apps.audit.check import MEGABYTE, Check, Effort, Evidence, Finding, Unknown, fails, passes, threshold
from apps.audit.facts.past import Past


class LargeFilesInHistory(Check):
    """History carries no large files

    A file that was deleted is still in every clone. A few old datasets make each clone, each CI run and each mirror
    slow for as long as the repository lives.

    Fix: list the worst, agree on a day with everyone who has a clone, rewrite history, and have everyone clone again:
        git filter-repo --analyze && cat .git/filter-repo/analysis/path-deleted-sizes.txt
        git filter-repo --strip-blobs-bigger-than 10M
    """

    weight = 1
    effort = Effort.DAYS
    megabytes: float = threshold(10, "A file over this size is large, in megabytes.", least=0.1)
    megabytes_in_all: float = threshold(100, "What all large files of the history may weigh together, in megabytes.")

    def run(self, past: Past) -> Iterator[Finding | Evidence | Unknown]:
        judged = [(each, each.file.exceeds(self.megabytes * MEGABYTE)) for each in past.large]
        large = sorted((each for each, over in judged if over), key=lambda each: -(each.file.size or 0))
        least = "at least " * any(each.file.left_out for each in large)
        total = sum(each.file.size or 0 for each in large) / MEGABYTE
        if total > self.megabytes_in_all:
            yield Finding(f"the history carries {least}{total:,.3g} MB of files over {self.megabytes:g} MB")
            for file, commit in large:
                yield Finding(f"{file.megabytes}, last in commit {commit.id[:10]}", file.path)
        elif least:
            yield Unknown(f"{len(large)} files over {self.megabytes:g} MB are left out of the mirror, unweighed")
        yield from past.unread
        yield from (each.file.unsized for each, over in judged if over is None)
        weight = f"{len(large)} files over {self.megabytes:g} MB, {least}{total:,.3g} MB together"
        yield Evidence(f"{weight}, in {past.commits:,} commits", large[0].file.path if large else "")

    examples = (
        passes({"train.py": ""}, "0 files over 10 MB, 0 MB together, in 1 commits"),
        passes(
            {"a.csv": "0" * 300_000},
            "1 files over 0.2 MB, 0.3 MB together",
            megabytes=0.2,
            megabytes_in_all=0.4,
        ),
        fails(
            {"train.py": ""},
            "the history carries 0.3 MB of files over 0.1 MB",
            earlier={"data.csv": "0" * 300_000},
            megabytes=0.1,
            megabytes_in_all=0.2,
        ),
    )
