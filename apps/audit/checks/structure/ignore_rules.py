from collections.abc import Iterator

from apps.audit.check import Check, Effort, Evidence, Finding, ProjectKind, Unknown, fails, ignores, passes
from apps.audit.facts.data.written_paths import Written, WrittenPaths
from apps.audit.facts.dvc.pipelines import Dvc
from apps.audit.facts.ignores import Ignores, Rule
from apps.audit.facts.project import Project
from apps.audit.facts.prose import Prose
from apps.audit.facts.tree import Tree
from apps.audit.regex import regex

ENVIRONMENT = regex(r"(?:\S*python[\d.]*\s+-m\s+venv|virtualenv|uv\s+venv)\s+(?:-\S+\s+)*([\w.-]+)")
JUPYTER = "Jupyter"
ROLES = (
    ".venv/bin/python",
    "data/raw.csv",
    "models/model.pkl",
    "checkpoints/last.ckpt",
    "logs/run/log.txt",
    "outputs/run/log.txt",
)


class IgnoreRules(Check):
    """What the code writes is ignored by git

    Runs leave data, checkpoints, environments and experiment stores behind. What .gitignore does not cover is committed
    one day by a hasty `git add .`.

    Fix: add what is missing to .gitignore, for example:
        .venv/
        .ipynb_checkpoints/
        mlruns/
        wandb/
    """

    weight = 2
    effort = Effort.MINUTES

    def run(
        self, rules: Ignores, written: WrittenPaths, tree: Tree, prose: Prose, project: Project, dvc: Dvc | None
    ) -> Iterator[Finding | Evidence | Unknown]:
        yield from rules.rules.unread
        cached = {out.path for _, out in dvc.cached} if dvc else set()
        # What a library writes lands where its users run it.
        targets = [each for each in written.targets if project.kind is not ProjectKind.LIBRARY or each.call == JUPYTER]
        for each in [*targets, *environments(prose)]:
            rule = next((rule for path in places(each) for rule in [covering(rules, path)] if rule), None)
            if rule:
                yield Evidence(f"{each.target} ({each.call}) is covered by {rule.text}", rule.path, rule.line)
            elif not is_kept(each, tree, cached):
                yield Finding(f"{each.target}, where {each.call} writes, is not ignored", each.path, each.line)
        for path in ROLES:
            if rule := rules.rule(path):
                yield Evidence(f"{path.partition('/')[0]}/ is covered by {rule.text}", rule.path, rule.line)
        if not rules.rules.by_folder and not rules.rules.unread:
            yield Finding(
                "no .gitignore, so that environments, data and models are one `git add .` from being committed"
            )
        for folder, found in rules.rules.by_folder.items():
            yield Evidence(f"{len(found)} rules", f"{folder}/.gitignore" if folder else ".gitignore")

    examples = (
        passes(
            {".gitignore": "wandb/\n", "train.py": "import wandb\nwandb.init()\n"}, "wandb/ (wandb.init) is covered"
        ),
        passes(
            {".gitignore": ".venv\n", "requirements.txt": "torch\n", "train.py": "x = 1\n"},
            ".venv/ is covered by .venv",
        ),
        passes(
            {".gitignore": "*/wandb/*\n", "week_1/train.py": "import wandb\nwandb.init()\n"}, "covered by */wandb/*"
        ),
        passes(
            {
                ".gitignore": "/outputs\n/model.pkl\n",
                "train.py": "import hydra, joblib\n@hydra.main()\ndef f(c):\n    joblib.dump(m, 'model.pkl')\n",
            },
            "model.pkl (joblib.dump)",
        ),
        fails(
            {".gitignore": "# wandb/\n", "train.py": "import wandb\nwandb.init()\n"}, "wandb/, where wandb.init writes"
        ),
        fails({"eda.ipynb": '{"cells": []}'}, ".ipynb_checkpoints/, where Jupyter writes"),
        fails({"train.py": "import torch\ntorch.save(m, 'weights/last.pt')\n"}, "weights/last.pt, where torch.save"),
        fails({"train.py": "x = 1\n"}, "no .gitignore"),
        fails(
            {".gitignore": "*.pt\n", "a.py": "", "README.md": "    python3 -m venv myenv\n"}, "myenv/, where python3"
        ),
        ignores({"notes.md": "wandb.init()\n"}, "no Python code"),
    )


def environments(prose: Prose) -> Iterator[Written]:
    """Folders in which the README tells to make an environment."""
    for document in prose.readmes:
        for each in document.instructions:
            if match := ENVIRONMENT.match(each.command):
                yield Written(f"{match[1]}/", match[0].rpartition(" ")[0], document.path, each.line)


def is_kept(each: Written, tree: Tree, cached: set[str]) -> bool:
    """Whether git or DVC tracks what is written there, on purpose."""
    return any(path.rstrip("/") in cached or path.rstrip("/") in tree for path in places(each))


def places(each: Written) -> list[str]:
    """The target seen from the file's folder and from each folder around it, where the code may be started."""
    parts = each.path.split("/")[:-1]
    return ["/".join([*parts[:depth], each.target]) for depth in range(len(parts), -1, -1)]


def covering(rules: Ignores, path: str) -> Rule | None:
    """The rule for a file, or for a folder or what is in it."""
    if not path.endswith("/"):
        return rules.rule(path)
    return rules.rule(path.rstrip("/"), is_folder=True) or rules.rule(f"{path}x")
