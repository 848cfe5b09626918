from collections.abc import Iterator

from apps.audit.check import Check, Effort, Evidence, Finding, Unknown, fails, passes, threshold
from apps.audit.facts.packages.dependencies import Dependencies
from apps.audit.facts.packages.distributions import brought, providers
from apps.audit.facts.packages.imports import Imports, ThirdParty, longer_name

# Names under which many packages put their modules: any package that begins so may be the one.
NAMESPACES = (
    "google",
    "azure",
    "airflow",
    "opentelemetry",
    "llama-index",
    "ruamel",
    "databricks",
    "snowflake",
    "hydra-plugins",
)


class DependenciesDeclared(Check):
    """What the code imports is declared

    An import that nobody declared works on the machine where it was once installed by hand, and nowhere else. One that
    only comes along with another package breaks on the day that package stops needing it.

    Fix: add the missing package to the manifest next to the code (requirements.txt, pyproject.toml), under its name on
    PyPI: `cv2` is opencv-python, `sklearn` is scikit-learn.
    """

    weight = 4
    effort = Effort.MINUTES
    indirect: int = threshold(3, "How many imports may come along with other packages only.")

    def run(self, imports: Imports, dependencies: Dependencies) -> Iterator[Finding | Evidence | Unknown]:
        yield from dependencies.unread
        yield from imports.unread
        if not imports.imports:
            yield Evidence("the code imports nothing beyond Python's own library and itself")
        elif dependencies.declaring:
            for group, found in by_manifests(imports, dependencies).items():
                yield from self.judge(group, found, dependencies)
        elif not dependencies.unread:
            names = ", ".join(sorted({each.name for each in imports})[:8])
            yield Finding(f"no manifest declares what the code imports: {names}", imports.imports[0].path)

    def judge(
        self, manifests: tuple[str, ...], found: dict[str, ThirdParty], dependencies: Dependencies
    ) -> Iterator[Finding | Evidence | Unknown]:
        declared = {package.name for package in dependencies.packages if package.path in manifests}
        if not declared and any(path.endswith("setup.py") for path in manifests):
            yield Unknown("what it declares is computed when it runs", manifests[0])
            return
        where = ", ".join(manifests[:3])
        locked = {
            name for lock in dependencies.locks_serving(next(iter(found.values())).path) for name in lock.packages
        }
        others = {name: each for name, each in found.items() if not provided(name, declared)}
        indirect = list[ThirdParty]()
        for name, each in others.items():
            if providers(name) & (locked | brought(declared)):
                indirect.append(each)
            elif longer := longer_name(name, declared):
                yield Evidence(f"{name} may come with {longer} of {where}", each.path, each.line)
            else:
                yield Finding(f"{name} is imported but not declared in {where}", each.path, each.line)
        for each in indirect:
            said = f"{each.name} only comes along with other packages of {where}"
            over = len(indirect) > self.indirect
            yield (Finding if over else Evidence)(said, each.path, each.line)
        if known := len(found) - len(others):
            yield Evidence(f"{known} of {len(found)} imported packages are declared", manifests[0])

    examples = (
        passes(
            {"requirements.txt": "scikit-learn\nopencv-python\n", "a.py": "import sklearn, cv2, os\n"},
            "2 of 2 imported",
        ),
        passes({"requirements.txt": "pandas\n", "a.py": "import numpy\nimport pandas\n"}, "numpy only comes along"),
        passes({"src/requirements.txt": "torch\n", "src/a.py": "import torch\n", "src/b.py": "import a\n"}, "1 of 1"),
        passes(
            {"a.py": "import json\nfrom . import b\ntry:\n    import wandb\nexcept ImportError:\n    pass\n"},
            "nothing beyond",
        ),
        passes({"requirements.txt": "dinosaur-dycore\n", "a.py": "import dinosaur\n"}, "dinosaur may come with"),
        fails({"requirements.txt": "numpy-stubs\n", "a.py": "import numpy\nimport pywt\n"}, "numpy is"),
        passes({"requirements.txt": "PyWavelets\n", "a.py": "import pywt\n"}, "1 of 1"),
        passes({"environment.yml": "dependencies: [pytorch=2.4]\n", "a.py": "import torch.nn as nn\n"}, "1 of 1"),
        fails({"a.py": "import torch\n"}, "no manifest declares"),
        fails(
            {"requirements.txt": "torch\n# sh\n", "tests/test_a.py": "import sh\n"}, "sh is imported but not declared"
        ),
        fails(
            {"one/requirements.txt": "torch\n", "one/a.py": "import onnx\n", "two/requirements.txt": "onnx\n"}, "onnx"
        ),
        fails({"requirements.txt": "pandas\n", "a.py": "import numpy, pytz\n"}, "pytz only comes along", indirect=1),
    )


def by_manifests(imports: Imports, dependencies: Dependencies) -> dict[tuple[str, ...], dict[str, ThirdParty]]:
    """The first import of each name, for each set of manifests that serves its file."""
    groups = dict[tuple[str, ...], dict[str, ThirdParty]]()
    for each in imports:
        serving = tuple(manifest.path for manifest in dependencies.serving(each.path))
        groups.setdefault(serving, {}).setdefault(each.name, each)
    return groups


def provided(name: str, declared: set[str]) -> bool:
    prefix = name.lower().replace("_", "-")
    return bool(providers(name) & declared) or (
        prefix in NAMESPACES and any(package.startswith((f"{prefix}-", f"apache-{prefix}")) for package in declared)
    )
