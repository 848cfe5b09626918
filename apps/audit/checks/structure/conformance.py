from collections.abc import Iterator

from apps.audit.check import Check, Effort, Evidence, Finding, ProjectKind, fails, ignores, passes, threshold
from apps.audit.facts.layout import Layout, Standing
from apps.audit.facts.python.modules import Modules


class Conformance(Check):
    """The repository has a known shape

    People find their way in a project that is laid out like others of its kind. The closest of the known profiles is
    chosen: ml-project, cookiecutter-data-science, kedro, lightning-hydra, or python-library for a library.

    Fix: add the missing places, each below one of the paths that the finding names, for example:
        mkdir -p tests configs && touch tests/test_data.py configs/train.yaml
    """

    weight = 3
    effort = Effort.HOURS
    about = (Modules,)
    percent: float = threshold(80, "Least share of the profile's roles that are filled, in percent.", most=100)
    not_for = (ProjectKind.COURSE, ProjectKind.NOTEBOOKS, ProjectKind.TEMPLATE)

    # Without code there is nothing to lay out.
    def run(self, layout: Layout) -> Iterator[Finding | Evidence]:
        profile = layout.profile
        held = sum(place.standing is Standing.PRESENT for place in layout.places)
        yield Evidence(f"{held} of {len(profile.roles)} roles of {profile.name} are filled")
        for role, standing, path in layout.places:
            if standing is Standing.PRESENT:
                yield Evidence(f"{role.name} of {profile.name}", path, role.line)
            elif held * 100 < self.percent * len(profile.roles):
                places = ", ".join(path.strip("/") for path in role.wanted)
                yield Finding(f"{role.name}, a role of {profile.name}, is nowhere: {places}")

    examples = (
        passes(
            {
                "README.md": "",
                "requirements.txt": "",
                "src/train.py": "model.fit(x)\n",
                "tests/test_a.py": "",
                "params.yaml": "",
                ".gitignore": "/data/\n",
            },
            "7 of 7 roles of ml-project",
        ),
        passes(
            {
                "README.md": "",
                "LICENSE": "",
                "pyproject.toml": '[project]\nname = "churn"\n',
                "churn/__init__.py": "",
                "test/test_a.py": "",
            },
            "5 of 5 roles of python-library",
        ),
        passes(
            {
                "README.md": "",
                "LICENSE": "",
                "pyproject.toml": '[project]\nname = "churn"\n',
                "churn/__init__.py": "",
                "churn/app.py": "import fastapi\napp = fastapi.FastAPI()\n",
                "tests/test_a.py": "",
            },
            "5 of 5 roles of python-library",
        ),
        passes(
            {
                "README.md": "",
                "ci_dependencies.yml": "dependencies: [python=3.12]\n",
                "churn/__init__.py": "",
                "churn/train.py": "model.fit(x)\n",
                "churn/hyperparameters.json": "{}",
                "tests/test_a.py": "",
            },
            "6 of 7 roles of ml-project",
        ),
        fails({"README.md": "", "train.py": "model.fit(x)\n", "tests/__init__.py": ""}, "source, a role of ml-project"),
        fails({"README.md": "", "train.py": "model.fit(x)\n"}, "tests, a role of ml-project, is nowhere"),
        ignores({"data.csv.dvc": "outs: []\n"}, "no Python code"),
        ignores({"cookiecutter.json": "{}"}, "template generator"),
    )
