from collections.abc import Iterator

from apps.audit.check import MEGABYTE, Check, Effort, Evidence, Finding, Unknown, fails, passes, threshold
from apps.audit.facts.tree import Tree


class LargeFiles(Check):
    """Large files stay out of git

    Git keeps every version of a file for ever, so one dataset committed by mistake slows down every clone from then on.

    Fix: track the file with DVC or Git LFS, and remove it from history.
    """

    weight = 3
    effort = Effort.HOURS
    megabytes: float = threshold(10, "Largest file that git may hold, in megabytes.")

    def run(self, tree: Tree) -> Iterator[Finding | Evidence | Unknown]:
        yield from tree.unread
        for file in tree:
            if (large := file.exceeds(self.megabytes * MEGABYTE)) is None:
                yield file.unsized
            elif large:
                yield Finding(f"{file.megabytes} in git", file.path)
        if largest := max((file for file in tree if file.size), key=lambda file: file.size or 0, default=None):
            yield Evidence(f"the largest of {len(tree)} files has {largest.megabytes}", largest.path)

    examples = (
        passes({"train.py": "import torch\n"}, "the largest of 1 files"),
        fails({"train.csv": "0" * 3000}, "0.003 MB in git", megabytes=0.002),
    )
