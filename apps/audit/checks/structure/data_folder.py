import re
from collections.abc import Iterator

from apps.audit.check import (
    MEGABYTE,
    Check,
    Effort,
    Evidence,
    File,
    Finding,
    NotApplicable,
    Unknown,
    fails,
    ignores,
    passes,
    threshold,
)
from apps.audit.facts.data.named_paths import NamedPaths
from apps.audit.facts.ignores import Ignores
from apps.audit.facts.lfs import LfsPointers
from apps.audit.facts.python.modules import Modules
from apps.audit.facts.tree import Tree, folders_of, is_fixture, is_template, is_vendored
from apps.audit.regex import regex

FOLDER = regex(
    r"(raw|input|processed|training|train|sample)?[-_]?data(sets?|_?files)?([-_](raw|input|processed))?|datasets?|corpus|corpora"
    r"|\w+[-_](subsets?|splits|annotations)"
)
# Code, prose, settings and placeholders: what may stand in a data folder without being data.
NO_DATA = regex(
    r"\.(py|pyi|ipynb|r|sql|sh|md|rst|dvc|ya?ml|toml|cfg|ini|gitkeep|keep|gitignore|gitattributes|lock|html|css|js)|"
)
NAMES = regex(
    r"(readme|licen[cs]e|citation|makefile|dockerfile|requirements|\.git|\.keep|\.placeholder|\.dvc).*", re.IGNORECASE
)


class DataFolder(Check):
    """Data folders hold no data in git

    Data in git bloats every clone, and a change of it cannot be told from a change of the code. A small file that the
    code reads from the tree is fine.

    Fix: hand the folder over to DVC, which also ignores it:
        git rm -r --cached data/raw
        dvc add data/raw && git add data/raw.dvc data/.gitignore
    """

    weight = 3
    effort = Effort.HOURS
    megabytes: float = threshold(1, "Largest data file that the code may read from the tree, in megabytes.")

    def run(
        self, tree: Tree, pointers: LfsPointers, ignores: Ignores, read: NamedPaths, modules: Modules | None
    ) -> Iterator[Finding | Evidence | Unknown | NotApplicable]:
        folders = {file.path: data_folder(file.path) for file in tree if is_own(file)}
        # A package named data or datasets holds code; only what is data in it counts.
        packages = {folder for folder in folders.values() if f"{folder}/__init__.py" in tree}
        inside = [file for file in tree if folders.get(file.path)]
        inside = [file for file in inside if folders[file.path] not in packages or is_data(file)]
        for file in filter(is_data, inside):
            if file.path in pointers:
                yield Evidence("a pointer to Git LFS", file.path)
            elif file.size is None:
                yield Unknown("the object is missing: data or a pointer to it", file.path)
            elif (large := file.exceeds(self.megabytes * MEGABYTE)) is None:
                yield file.unsized
            elif large:
                yield Finding(f"{file.megabytes} of data in git", file.path)
            elif modules is None:
                yield NotApplicable("small files of data, and no Python code that could read them")
            elif file.path in read:
                said = f"a small file ({file.size / MEGABYTE:.2g} MB) that the code reads from the tree"
                yield Evidence(said, file.path)
            else:
                said = f"{file.size / MEGABYTE:.2g} MB of data that the code does not read from the tree"
                yield Finding(said, file.path)
        for folder in sorted({folders[file.path] for file in inside}):
            if rule := ignores.rule(f"{folder}/raw.csv") or ignores.rule(f"{folder}/raw", is_folder=True):
                yield Evidence(f"{folder}/ is covered by {rule.text}", rule.path, rule.line)
        yield from (Evidence("no data, but what may stand beside it", f.path) for f in inside[:20] if not is_data(f))
        if not inside:
            yield NotApplicable("no data folder")

    examples = (
        passes({"data/.gitkeep": "", ".gitignore": "/data/*\n!.gitkeep\n"}, "covered by /data/*"),
        passes({"data/raw.csv.dvc": "outs: []\n"}, "no data, but"),
        passes({"data/iris.csv": "a,b\n", "train.py": "pd.read_csv('data/iris.csv')\n"}, "a small file"),
        fails(
            {"data/iris.csv": "a,b\n", "train.py": "pd.read_csv('https://x.org/data/iris.csv')\n"}, "does not read from"
        ),
        fails({"data/iris.csv": "a" * 3000, "train.py": "f('data/iris.csv')\n"}, "of data in git", megabytes=0.001),
        passes(
            {"web/data/a.jpg": "0", "web/App.tsx": 'const A = "/data/a.jpg";\n', "train.py": "x = 1\n"}, "a small file"
        ),
        fails({"imagenet_subsets/a.txt": "n1.jpg\n", "train.py": "x = 1\n"}, "does not read from the tree"),
        ignores({"train.py": "x = 1\n", "tests/data/a.csv": "1\n"}, "no data folder"),
        ignores({"src/datasets/__init__.py": "", "src/datasets/load.py": "x = 1\n"}, "no data folder"),
        ignores({"lesson.md": "Read `data/a.csv`.\n", "data/a.csv": "a,b\n"}, "no Python code"),
    )


def data_folder(path: str) -> str:
    """The outermost folder of data around a path; empty where there is none."""
    parts = path.split("/")[:-1]
    at = next((index for index, name in enumerate(parts) if FOLDER.fullmatch(name.lower())), None)
    return "" if at is None else "/".join(parts[: at + 1])


def is_own(file: File) -> bool:
    return not (
        is_fixture(file.path) or is_vendored(file.path) or is_template(file.path) or "docs" in folders_of(file.path)
    )


def is_data(file: File) -> bool:
    return file.size != 0 and not NO_DATA.fullmatch(file.suffix) and not NAMES.fullmatch(file.name)
