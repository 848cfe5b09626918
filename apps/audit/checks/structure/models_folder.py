from collections.abc import Iterator

from apps.audit.check import Check, Effort, Evidence, File, Finding, NotApplicable, fails, ignores, passes
from apps.audit.facts.data.artefacts import Artefacts
from apps.audit.facts.ignores import Ignores
from apps.audit.facts.tree import Tree, is_fixture, is_template, is_vendored
from apps.audit.regex import regex

FOLDER = regex(
    r"((saved|trained|pretrained|final|best|sample|example|demo|ml)[-_]?)?models?|checkpoints?|ckpts?|(model[-_])?weights|artifacts|artefacts|model_store"
)
CODE = {".py", ".pyi", ".ipynb", ".sql", ".md", ".rst", ".yaml", ".yml", ".html", ".js", ".ts", ".toml", ".gin", ".xml"}
ENDINGS = ("pkl", "pt", "pth", "joblib", "h5", "keras", "onnx", "ckpt", "safetensors", "bin")


class ModelsFolder(Check):
    """Models folders hold no model in git

    A model is the output of code and data. In git it goes stale beside them, unseen, and every version of it stays in
    every clone.

    Fix: ignore the folder and let DVC or a model registry keep what is in it:
        git rm --cached models/model.pt
        dvc add models/model.pt && git add models/model.pt.dvc models/.gitignore
    """

    weight = 3
    effort = Effort.HOURS

    def run(self, tree: Tree, artefacts: Artefacts, ignores: Ignores) -> Iterator[Finding | Evidence | NotApplicable]:
        models = {file.path for file in artefacts.models}
        around = {file.path: models_folder(file, tree, models) for file in tree if is_own(file)}
        inside = [file for file in tree if around.get(file.path)]
        folders = {around[file.path] for file in inside if file.suffix not in CODE}
        for file in inside:
            if file.path in models:
                yield Finding(f"a model or checkpoint ({file.suffix}) in git", file.path)
            elif around[file.path] in folders and file.suffix not in CODE:
                yield Evidence("no model, but what may stand beside one", file.path)
        for folder in sorted(folders):
            if rule := next(filter(None, (ignores.rule(f"{folder}/model.{ending}") for ending in ENDINGS)), None):
                yield Evidence(f"{folder}/ is covered by {rule.text}", rule.path, rule.line)
        if not folders:
            yield NotApplicable("no folder of models")

    examples = (
        passes({"models/.gitignore": "*.pt\n"}, "covered by *.pt"),
        passes({"models/model.pt.dvc": "outs: []\n"}, "no model, but"),
        fails({"models/model.pt": "0" * 10}, "a model or checkpoint (.pt) in git"),
        fails({"app/weights/yolo.onnx": "0" * 10, "app/weights/README.md": "x"}, "(.onnx)"),
        passes({"models/.gitignore": "*.joblib\n"}, "covered by *.joblib"),
        passes(
            {"model/__init__.py": "", "model/Dockerfile": "", "model/artifacts/.gitignore": "*.pt\n"}, "artifacts/ is"
        ),
        fails({"sample_model/a.joblib": "0"}, "(.joblib) in git"),
        fails({"models/__init__.py": "", "models/a.pkl": "0"}, "a model or checkpoint (.pkl) in git"),
        ignores({"src/models/__init__.py": "", "src/models/py.typed": ""}, "no folder of models"),
        ignores({"src/models/net.py": "x = 1\n"}, "no folder of models"),
        ignores({"tests/models/tiny.pt": "0"}, "no folder of models"),
    )


def models_folder(file: File, tree: Tree, models: set[str]) -> str:
    """The outermost folder of models around a file; a package of that name holds code, unless the file is a model."""
    parts = file.path.split("/")[:-1]
    named = ["/".join(parts[: at + 1]) for at, name in enumerate(parts) if FOLDER.fullmatch(name.lower())]
    plain = (folder for folder in named if f"{folder}/__init__.py" not in tree)
    return next(plain, next(iter(named), "") if file.path in models else "")


def is_own(file: File) -> bool:
    return not (is_fixture(file.path) or is_vendored(file.path) or is_template(file.path))
