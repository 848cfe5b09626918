import re
from collections.abc import Iterator
from itertools import islice

from apps.audit.check import Check, Effort, Evidence, Finding, NotApplicable, ProjectKind, fails, ignores, passes
from apps.audit.facts.data.data_sources import DataSources
from apps.audit.facts.dvc.graph import Graph
from apps.audit.facts.python.modules import Module, Modules
from apps.audit.facts.training.preparing import CALL, makes_bytes, networks_in, prepares, scalings
from apps.audit.facts.training.training import Training
from apps.audit.facts.tree import is_test
from apps.audit.regex import regex

STAGE = regex(r"prep|featur|clean|transform|token|split|process|ingest|extract", re.IGNORECASE)
SCRIPT = regex(
    r"(.*/)?(prepare|preprocess\w*|pre_processing|clean\w*|featuri[sz]\w*|features?|make_dataset|build_features"
    r"|transform(?!er)\w*|process\w*)\.(py|ipynb)"
)
RUNNERS = {"invoke", "nox"}
PREPARED = regex(r"(^|[/_.-])(processed|cleaned|clean|prepared|preprocessed|features|final)([/_.-]|$)", re.IGNORECASE)
NETWORK_OF_ITS_OWN = "class N(nn.Module):\n    def encode(self):\n        pass\n"
TRAIN = "import pandas as pd\nmodel.fit(pd.read_csv('{}'))\n"


class PreprocessingVersioned(Check):
    """Preprocessing is code in the repository

    Data that were cleaned by hand, or by a script that nobody kept, cannot be made again from the raw ones.

    Fix: put every step from the raw data to the model's input into a script, and make it a stage:

        dvc stage add -n prepare -d prepare.py -d data/raw.csv -o data/prepared python prepare.py
    """

    weight = 2
    effort = Effort.HOURS
    about = (Training,)
    not_for = (ProjectKind.TEMPLATE,)

    def run(
        self, modules: Modules, graph: Graph | None, sources: DataSources | None
    ) -> Iterator[Finding | Evidence | NotApplicable]:
        found = [
            Evidence(f"the stage {stage.name}", stage.path, stage.line)
            for stage in (graph.dvc.stages if graph else ())
            if STAGE.search(stage.name)
        ]
        for module in modules:
            if not is_test(module.path) and RUNNERS.isdisjoint(module.packages):
                found += prepared_by(module)
        yield from found[:30]
        if not found:
            prepared = [source for source in (sources.sources if sources else ()) if PREPARED.search(source.name)]
            for source in prepared:
                if made := source.made_by:
                    yield Evidence(f"{source.name} is written by {made.call}", made.path, made.line)
                else:
                    yield Finding(f"{source.name} was prepared by nothing in the repository", source.path, source.line)
            if not prepared:
                yield NotApplicable("no preprocessing")

    examples = (
        passes({"t.py": TRAIN.format("d.csv") + "def preprocess(x):\n    return x\n"}, "the function preprocess"),
        passes({"t.py": TRAIN.format("data/clean.csv"), "src/prepare.py": "x = 1\n"}, "a script that prepares data"),
        fails({"t.py": TRAIN.format("data/processed/d.csv")}, "was prepared by nothing in the repository"),
        passes(
            {"t.py": f"d.to_csv('clean/d.csv')\n{TRAIN.format('clean/d.csv')}", "clean/d.csv": "1\n"},
            "clean/d.csv is written by d.to_csv",
        ),
        passes({"t.py": TRAIN.format("d.csv") + "def normalize(x):\n    return x / 255\n"}, "the function normalize"),
        passes({"t.py": TRAIN.format("d.csv") + "def add_wind_features(x):\n    return x\n"}, "add_wind_features"),
        passes({"t.py": TRAIN.format("d.csv") + "model.encode(texts)\n"}, "a call of model.encode"),
        passes({"t.py": TRAIN.format("d.csv") + "def f(x):\n    return (x - x.mean()) / x.std()\n"}, "x is scaled by"),
        ignores({"t.py": TRAIN.format("raw.csv") + "json.dumps(x).encode('utf-8')\nx.encode()\n"}, "no preprocessing"),
        ignores({"t.py": TRAIN.format("raw.csv") + "def clean_pyc(c):\n    pass\n"}, "no preprocessing"),
        ignores({"t.py": TRAIN.format("r.csv"), "features.py": "#\n", "transformer.py": "x = 1\n"}, "no preprocessing"),
        ignores({"t.py": TRAIN.format("raw.csv") + NETWORK_OF_ITS_OWN}, "no preprocessing"),
        ignores({"t.py": TRAIN.format("data/raw.csv")}, "no preprocessing"),
        ignores({"a.py": "x = 1\n"}, "no code that trains a model"),
    )


def prepared_by(module: Module) -> Iterator[Evidence]:
    if module.code_lines and SCRIPT.fullmatch(module.path):
        yield Evidence("a script that prepares data", module.path)
    networks = networks_in(module)
    named = [each for each in module.functions if prepares(each.name, networks)]
    yield from (Evidence(f"the function {each.name}", module.path, each.line) for each in named[:3])
    calls = (each for each in module.called(CALL.fullmatch) if not makes_bytes(each))
    yield from (Evidence(f"a call of {each.name}", module.path, each.line) for each in islice(calls, 1))
    scaled = ((name, line) for name, line, scope in scalings(module) if scope.rpartition(".")[0] not in networks)
    yield from (Evidence(f"{name} is scaled by its own values", module.path, line) for name, line in islice(scaled, 1))
