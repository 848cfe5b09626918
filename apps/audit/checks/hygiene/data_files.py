from collections.abc import Iterator

from apps.audit.check import MEGABYTE, Check, Effort, Evidence, Finding, Unknown, fails, passes, threshold
from apps.audit.facts.data.artefacts import Artefacts
from apps.audit.facts.tree import Tree, is_fixture


class DataFiles(Check):
    """Data stays out of git

    Data grows and changes. Git keeps every version of it in every clone, and shows no difference that a person
    could read.

    Fix: hand the file over to DVC, which also ignores it in git, and keep the pointer:
        git rm --cached data/raw.csv
        dvc add data/raw.csv && git add data/raw.csv.dvc data/.gitignore
    """

    weight = 3
    effort = Effort.HOURS
    megabytes: float = threshold(1, "Largest data file that git may hold, in megabytes.")

    def run(self, tree: Tree, artefacts: Artefacts) -> Iterator[Finding | Evidence | Unknown]:
        yield from (*tree.unread, *artefacts.unread)
        judged = [file for file in artefacts.data if not is_fixture(file.path)]
        for file in judged:
            if (large := file.exceeds(self.megabytes * MEGABYTE)) is None:
                yield file.unsized
            elif large:
                yield Finding(f"{file.megabytes} of data in git", file.path)
        if largest := max((file for file in judged if file.size), key=lambda file: file.size or 0, default=None):
            size = largest.megabytes if largest.left_out else f"{largest.size:,} bytes"
            yield Evidence(f"the largest of {len(judged)} data files has {size}", largest.path)
        else:
            yield Evidence(f"none of {len(tree):,} files is a data file")

    examples = (
        passes({"train.py": "import pandas\n"}, "none of 1 files is a data file"),
        passes({"data/sample.csv": "a,b\n1,2\n"}, "the largest of 1 data files has 8 bytes"),
        passes({"tests/fixtures/orders.csv": "0" * 3000}, "none of 1 files", megabytes=0.002),
        passes({"docs/index.html": "0" * 3000, "package-lock.json": "0" * 3000}, "none of 2 files", megabytes=0.002),
        fails({"orders.parquet": "0" * 3000}, "0.003 MB of data in git", megabytes=0.002),
        fails({"subsets/ids.txt": "n037_10253.JPEG\n" * 10_000}, "0.16 MB of data in git", megabytes=0.1),
        passes({"story.txt": "It was a dark and stormy night.\n" * 10_000}, "none of 1 files", megabytes=0.1),
        fails({"data/raw/corpus.txt": "0" * 3000}, "0.003 MB of data in git", megabytes=0.002),
    )
