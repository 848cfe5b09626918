from collections.abc import Iterator

from apps.audit.check import Check, Effort, Evidence, Finding, ProjectKind, Unknown, fails, ignores, passes
from apps.audit.facts.data.artefacts import Artefacts
from apps.audit.facts.data.written_paths import Written, WrittenPaths
from apps.audit.facts.dvc.pipelines import Dvc
from apps.audit.facts.ignores import Ignores, Rule
from apps.audit.facts.project import Project, is_packaged
from apps.audit.facts.tree import Tree

ROLES = (
    ".venv/bin/python",
    "data/raw.csv",
    "models/model.pkl",
    "checkpoints/last.ckpt",
    "logs/run/log.txt",
    "outputs/run/log.txt",
)
SAVES = "import os, torch\nd = 'out'\npath = os.path.join(d, 'last.pt')\ntorch.save(m, path)\n"
LIBRARY = {".gitignore": "x\n", "lib_x/__init__.py": "", "setup.py": "setup(name='lib_x', license='MIT')\n"}


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
        self,
        rules: Ignores,
        written: WrittenPaths,
        tree: Tree,
        project: Project,
        dvc: Dvc | None,
        artefacts: Artefacts,
    ) -> Iterator[Finding | Evidence | Unknown]:
        yield from rules.rules.unread
        if not rules.rules.by_folder and not rules.rules.unread:
            yield Finding(
                "no .gitignore, so that environments, data and models are one `git add .` from being committed"
            )
            return
        kept = {out.path for _, out in dvc.cached} if dvc else set()
        # A model in git is no model that was put there on purpose: it is what happens without the rule.
        kept |= tree.by_path.keys() - {file.path for file in artefacts.models}
        library = project.kind is ProjectKind.LIBRARY
        # What a package writes lands where its users run it.
        targets = [each for each in written.targets if not (library and is_inside(each, tree))]
        for each in targets:
            rule = next((rule for path in each.places for rule in [covering(rules, path)] if rule), None)
            if rule:
                yield Evidence(f"{each.target} ({each.call}) is covered by {rule.text}", rule.path, rule.line)
            elif kept.isdisjoint(path.rstrip("/") for path in each.places):
                yield Finding(f"{each.target}, where {each.call} writes, is not ignored", each.path, each.line)
        for path in ROLES:
            if rule := rules.rule(path):
                yield Evidence(f"{path.partition('/')[0]}/ is covered by {rule.text}", rule.path, rule.line)
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
        fails({".gitignore": "# wandb/\n", "t.py": "import wandb\nwandb.init()\n"}, "wandb/, where wandb.init writes"),
        fails({".gitignore": "*.pt\n", "eda.ipynb": '{"cells": []}'}, ".ipynb_checkpoints/, where Jupyter writes"),
        fails({".gitignore": "x\n", "t.py": SAVES}, "out/last.pt, where torch.save"),
        passes({".gitignore": "out/\n", "t.py": SAVES}, "out/last.pt (torch.save) is covered by out/"),
        fails({".gitignore": "x\n", "t.py": SAVES, "out/last.pt": "0"}, "out/last.pt, where torch.save"),
        fails(
            {".gitignore": "x\n", "t.py": "import sqlite3\nsqlite3.connect('a.db')\n"}, "a.db, where sqlite3.connect"
        ),
        fails(LIBRARY | {"scripts/run.py": SAVES}, "out/last.pt, where torch.save"),
        passes(LIBRARY | {"lib_x/run.py": SAVES}, "1 rules"),
        fails({"train.py": "x = 1\n"}, "no .gitignore"),
        fails({".gitignore": "a\n", "a.py": "", "README.md": "    python3 -m venv myenv\n"}, "myenv/, where python3"),
        ignores({"notes.md": "wandb.init()\n"}, "no Python code"),
    )


def is_inside(each: Written, tree: Tree) -> bool:
    code = each.path.endswith(".py")
    return code and is_packaged(each.path.partition("/")[0], tree)


def covering(rules: Ignores, path: str) -> Rule | None:
    """The rule for a file, or for a folder or what is in it."""
    if not path.endswith("/"):
        return rules.rule(path)
    return rules.rule(path.rstrip("/"), is_folder=True) or rules.rule(f"{path}x")
