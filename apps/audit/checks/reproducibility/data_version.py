from collections.abc import Iterator

from apps.audit.check import Check, Effort, Evidence, Finding, NotApplicable, ProjectKind, fails, ignores, passes
from apps.audit.facts.data.data_sources import DataSources
from apps.audit.facts.training.training import Training

HUB = "from datasets import load_dataset\nd = load_dataset('glue', 'cola'{})\nmodel.fit(d)\n"


class DataVersion(Check):
    """The training data have a version

    The same code trained on other data gives another model. Without a version nobody can say which data it was.

    Fix: track the data with DVC (`dvc add data/raw.csv`), or pin what is fetched:
    `load_dataset("glue", "cola", revision="<commit>")`.
    """

    weight = 3
    effort = Effort.HOURS
    about = (Training,)
    not_for = (ProjectKind.TEMPLATE, ProjectKind.LIBRARY)

    def run(self, sources: DataSources) -> Iterator[Finding | Evidence | NotApplicable]:
        for source in sources.sources:
            if source.pinned_by or source.file:
                yield Evidence(f"{source.name} is pinned by {source.pinned_by or 'git'}", source.path, source.line)
            else:
                yield Finding(f"{source.name} has no version", source.path, source.line)
        if not sources.sources:
            yield NotApplicable("no data are read or fetched by a name that is seen")

    examples = (
        passes({"t.py": HUB.format(", revision='a1b2c3'")}, "pinned by revision=a1b2c3"),
        passes({"t.py": "import pandas\nmodel.fit(pandas.read_csv('data/d.csv'))\n", "data/d.csv": "1\n"}, "pinned by"),
        fails({"t.py": HUB.format("")}, "load_dataset(glue) has no version"),
        ignores({"t.py": HUB.format("").replace("model.fit", "print")}, "no code that trains a model"),
        ignores({"t.py": "model.fit(load(path))\n"}, "no data are read"),
    )
