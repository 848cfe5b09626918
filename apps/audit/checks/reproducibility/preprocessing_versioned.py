import re
from collections.abc import Iterator

from apps.audit.check import Check, Effort, Evidence, Finding, NotApplicable, ProjectKind, fails, ignores, passes
from apps.audit.facts.data.data_sources import DataSources
from apps.audit.facts.dvc.graph import Graph
from apps.audit.facts.python.modules import Modules
from apps.audit.facts.training.training import Training
from apps.audit.facts.tree import is_test
from apps.audit.regex import regex

STAGE = regex(r"prep|featur|clean|transform|token|split|process|ingest|extract", re.IGNORECASE)
FUNCTION = regex(
    r"(.*\.)?_?(pre_?process\w*|prepare(?!_(device|model|optimi[sz]er|log|env|dir|args|config))\w*|clean(?!_?(up|dir|cache))\w*|tokeni[sz]e\w*|featuri[sz]e\w*|transforms?|process_data|setup|encode\w*|normali[sz]e\w*|standardi[sz]e\w*|get_features|make_features|build_features|engineer_\w+)"
)
CALL = regex(
    r"sklearn\.(preprocessing|impute|feature_extraction|compose|decomposition)\.(\w+\.)*\w+|torchvision\.transforms\.(\w+\.)*\w+"
    r"|albumentations\.\w+|.*\.(tokenizer|Tokenizer)|.*(Tokenizer|Processor|FeatureExtractor)(Fast)?\.from_pretrained|(tensorflow\.)?keras\.utils\.to_categorical|(.*\.)?(fillna|dropna|get_dummies|tokenizer|encode)"
)
SCRIPT = regex(
    r"(.*/)?(prepare|preprocess\w*|pre_processing|clean\w*|featuri[sz]\w*|features?|make_dataset|build_features|transform\w*|process\w*)\.(py|ipynb)"
)
PREPARED = regex(r"(^|[/_.-])(processed|cleaned|clean|prepared|preprocessed|features|final)([/_.-]|$)", re.IGNORECASE)
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
            if not is_test(module.path):
                found += [Evidence("a script that prepares data", module.path)] * bool(SCRIPT.fullmatch(module.path))
                functions = [each for each in module.functions if FUNCTION.fullmatch(each.name)]
                found += [Evidence(f"the function {each.name}", module.path, each.line) for each in functions[:3]]
                calls = module.called(CALL.fullmatch)
                found += [Evidence(f"a call of {each.name}", module.path, each.line) for each in calls[:1]]
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
        ignores({"t.py": TRAIN.format("data/raw.csv")}, "no preprocessing"),
        ignores({"a.py": "x = 1\n"}, "no code that trains a model"),
    )
