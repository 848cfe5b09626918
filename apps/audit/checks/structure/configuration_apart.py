from collections.abc import Iterator

from apps.audit.check import (
    Check,
    Effort,
    Evidence,
    Finding,
    NotApplicable,
    ProjectKind,
    Unknown,
    fails,
    ignores,
    passes,
)
from apps.audit.facts.configuration import Configuration, ConfigurationFile
from apps.audit.facts.projects import Projects
from apps.audit.facts.training.training import Training

MOST_SHOWN = 10


class ConfigurationApart(Check):
    """Configuration has a place of its own

    Learning rates and paths that stand among the code change with it, in commits that say something else. In files of
    their own they can be compared from run to run, and overridden without an edit.

    Fix: move the values to params.yaml or configs/train.yaml and read them there:
        train:
          learning_rate: 0.001
          epochs: 20
    """

    weight = 3
    effort = Effort.HOURS
    not_for = (ProjectKind.LIBRARY, ProjectKind.TEMPLATE)

    def run(
        self, configuration: Configuration, projects: Projects, training: Training | None
    ) -> Iterator[Finding | Evidence | Unknown | NotApplicable]:
        by_project = dict[str, list[ConfigurationFile]]()
        for file in configuration:
            by_project.setdefault(projects.of(file.path), []).append(file)
        judged = {projects.of(each.path): each for each in reversed(training.calls if training else ())}
        for folder, trains in sorted(judged.items()):
            # What lies in no project of a monorepo is there for all of them.
            found = sorted([*by_project.get(folder, ()), *(by_project.get("", ()) if folder else ())], key=depth)
            if not found:
                where = f"{folder}/ holds" if folder else "the repository holds"
                yield Finding(
                    f"{where} no configuration file, though {trains.call} trains here", trains.path, trains.line
                )
            yield from map(evidence, found[:MOST_SHOWN])
        if not judged:
            yield from map(evidence, configuration.files[:MOST_SHOWN])
            if not configuration.files:
                yield NotApplicable("nothing is trained, and there is no configuration")

    examples = (
        passes({"configs/train.yaml": "lr: 0.1\n", "train.py": "model.fit(x)\n"}, "in configs/"),
        passes(
            {"params.yaml": "lr: 0.1\n", "src/train.py": "model.fit(x)\n", "src/requirements.txt": "torch\n"},
            "parameters",
        ),
        passes({"config/small.py": "lr = 0.1\n", "train.py": "model.fit(x)\n"}, "values only, in config/"),
        fails(
            {"train.py": "lr = 0.1\nmodel.fit(x)\n", ".pre-commit-config.yaml": "repos: []\n"}, "no configuration file"
        ),
        fails(
            {
                "one/requirements.txt": "torch\n",
                "one/train.py": "model.fit(x)\n",
                "two/requirements.txt": "torch\n",
                "two/train.py": "model.fit(x)\n",
                "two/configs/train.yaml": "lr: 0.1\n",
            },
            "one/ holds no configuration file",
        ),
        ignores({"app.py": "print(1)\n"}, "nothing is trained"),
    )


def evidence(file: ConfigurationFile) -> Evidence:
    return Evidence(file.why, file.path)


def depth(file: ConfigurationFile) -> int:
    return file.path.count("/")
