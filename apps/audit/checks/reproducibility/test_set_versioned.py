import re
from collections.abc import Iterator

from apps.audit.check import Check, Effort, Evidence, Finding, NotApplicable, ProjectKind, fails, ignores, passes
from apps.audit.facts.data.data_sources import DataSources
from apps.audit.facts.python.modules import Module, Modules
from apps.audit.facts.training.evaluation import judging_calls
from apps.audit.facts.training.splits import Splits
from apps.audit.facts.training.training import Training
from apps.audit.facts.tree import is_test
from apps.audit.regex import regex

EVALUATION = regex(r"(^|[\W_])(test|eval(uation)?|holdout|hold_out|valid(ation)?|val|dev)([\W_]|$)", re.IGNORECASE)
HUB = "import pandas\nd = pandas.read_csv('https://a.org/d.csv')\n"
READ = "import pandas\nmodel.fit(pandas.read_csv('data/train.csv'))\ntest = pandas.read_csv('{}')\n"


# What training is given to judge the model on, and what functions and files are called that judge it.
GIVEN = {
    "eval_dataset",
    "validation_data",
    "valid_sets",
    "eval_set",
    "evals",
    "val_dataloaders",
    "validation_split",
    "scoring",
}
JUDGED = regex(r"(^|[_./])(test|eval\w*|valid\w*|val|metrics?|score|benchmark)([_./]|$)", re.IGNORECASE)
HELD = regex(
    r"(.*[._])?(test|val(id(ation)?)?|eval|dev|holdout)(_?(set|data\w*|df|frame|loader|ds|split|rows|x|y|images|labels|texts))?",
    re.IGNORECASE,
)


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

    def run(
        self, sources: DataSources, splits: Splits | None, modules: Modules
    ) -> Iterator[Finding | Evidence | NotApplicable]:
        named = [source for source in sources.sources if EVALUATION.search(source.name)]
        if sources.sources and not (named or splits or evaluates(modules)):
            yield NotApplicable("nothing is evaluated: no split, no test data, no metric")
            return
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
        fails({"t.py": f"{HUB}model.fit(d)\nmodel.evaluate(d)\n"}, "which the evaluation data come from, has no"),
        ignores({"t.py": f"{HUB}model.fit(d)\n"}, "nothing is evaluated"),
        ignores({"t.py": "import pandas\npandas.read_csv('d.csv')\n"}, "no code that trains a model"),
        ignores({"t.py": "model.fit(load(path))\n"}, "no data are read"),
    )


def evaluates(modules: Modules) -> bool:
    """Whether something judges a model: a call, a metric, data for it."""
    own = [module for module in modules if not is_test(module.path)]
    given = any(
        call.keywords.get(key) is not None for m in own for call in m.calls for key in GIVEN & call.keywords.keys()
    )
    held = any(HELD.fullmatch(each.target) for module in own for each in module.assignments)
    return given or held or any(judging_calls(module) for module in own) or any(map(JUDGED.search, names_of(own)))


def names_of(modules: list[Module]) -> Iterator[str]:
    yield from (function.name for module in modules for function in module.functions)
    yield from (module.path for module in modules)
