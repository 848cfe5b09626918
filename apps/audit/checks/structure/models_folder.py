from collections.abc import Iterator

from apps.audit.check import Check, Effort, Evidence, File, Finding, NotApplicable, fails, ignores, passes
from apps.audit.facts.data.artefacts import Artefacts
from apps.audit.facts.ignores import Ignores
from apps.audit.facts.tree import Tree, is_fixture, is_template, is_vendored
from apps.audit.regex import regex

FOLDER = regex(
    r"(saved|trained|pretrained|final|best)?[-_]?models?|checkpoints?|ckpts?|(model[-_])?weights|artifacts|artefacts|model_store"
)
CODE = {".py", ".pyi", ".ipynb", ".sql", ".md", ".rst", ".yaml", ".yml", ".html", ".js", ".ts", ".toml", ".gin", ".xml"}


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
        inside = [file for file in tree if models_folder(file.path) and is_own(file)]
        folders = {models_folder(file.path) for file in inside if file.suffix not in CODE}
        models = {file.path for file in artefacts.models}
        for file in inside:
            if file.path in models:
                yield Finding(f"a model or checkpoint ({file.suffix}) in git", file.path)
            elif models_folder(file.path) in folders and file.suffix not in CODE:
                yield Evidence("no model, but what may stand beside one", file.path)
        for folder in sorted(folders):
            if rule := ignores.rule(f"{folder}/model.pkl") or ignores.rule(f"{folder}/model.pt"):
                yield Evidence(f"{folder}/ is covered by {rule.text}", rule.path, rule.line)
        if not folders:
            yield NotApplicable("no folder of models")

    examples = (
        passes({"models/.gitignore": "*.pt\n"}, "covered by *.pt"),
        passes({"models/model.pt.dvc": "outs: []\n"}, "no model, but"),
        fails({"models/model.pt": "0" * 10}, "a model or checkpoint (.pt) in git"),
        fails({"app/weights/yolo.onnx": "0" * 10, "app/weights/README.md": "x"}, "(.onnx)"),
        ignores({"src/models/net.py": "x = 1\n"}, "no folder of models"),
        ignores({"tests/models/tiny.pt": "0"}, "no folder of models"),
    )


def models_folder(path: str) -> str:
    """The outermost folder of models around a path; empty where there is none."""
    parts = path.split("/")[:-1]
    at = next((index for index, name in enumerate(parts) if FOLDER.fullmatch(name.lower())), None)
    return "" if at is None else "/".join(parts[: at + 1])


def is_own(file: File) -> bool:
    return not (is_fixture(file.path) or is_vendored(file.path) or is_template(file.path))
