import re
from collections.abc import Iterator

from apps.audit.check import Check, Effort, Evidence, Finding, NotApplicable, ProjectKind, fails, ignores, passes
from apps.audit.facts.data.data_sources import DataSources
from apps.audit.facts.training.training import Training
from apps.audit.regex import regex

EVALUATION = regex(r"(^|[\W_])(test|eval(uation)?|holdout|hold_out|valid(ation)?|val|dev)([\W_]|$)", re.IGNORECASE)
READ = "import pandas\nmodel.fit(pandas.read_csv('data/train.csv'))\ntest = pandas.read_csv('{}')\n"


class TestSetVersioned(Check):
    """The evaluation data have a version

    Two models can be compared only on the same test set. One that may change without notice compares nothing.

    Fix: pin the test data like the training data: `dvc add data/test.csv`, or a revision or checksum where they are
    fetched.
    """

    weight = 2
    effort = Effort.HOURS
    about = (Training,)
    not_for = (ProjectKind.TEMPLATE, ProjectKind.LIBRARY)

    def run(self, sources: DataSources) -> Iterator[Finding | Evidence | NotApplicable]:
        named = [source for source in sources.sources if EVALUATION.search(source.name)]
        for source in named or sources.sources:
            part = "" if named else ", which the evaluation data come from,"
            if source.pinned_by or source.file:
                pin = source.pinned_by or "git"
                yield Evidence(f"{source.name}{part} is pinned by {pin}", source.path, source.line)
            else:
                yield Finding(f"{source.name}{part} has no version", source.path, source.line)
        if not sources.sources:
            yield NotApplicable("no data are read or fetched by a name that is seen")

    examples = (
        passes({"t.py": READ.format("data/test.csv"), "data/test.csv": "1\n"}, "data/test.csv is pinned by"),
        passes({"t.py": READ.format("data/train.csv"), "data/train.csv": "1\n"}, "which the evaluation data come from"),
        fails({"t.py": READ.format("https://a.org/holdout.csv")}, "holdout.csv has no version"),
        ignores({"t.py": "import pandas\npandas.read_csv('d.csv')\n"}, "no code that trains a model"),
        ignores({"t.py": "model.fit(load(path))\n"}, "no data are read"),
    )
