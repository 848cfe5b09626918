from collections.abc import Iterator

from apps.audit.check import Check, Effort, Evidence, Finding, NotApplicable, ProjectKind, fails, ignores, passes
from apps.audit.facts.training.choices import Role
from apps.audit.facts.training.hyperparameters import Hyperparameters

TRAIN = "import torch\nloss.backward()\n"


class ArchitectureInConfig(Check):
    """The architecture is in configuration

    Layers, widths and the name of the base model are the first things that are tried out. In code, every trial
    overwrites the last.

    Fix: choose the model in the configuration, and build it from there:

        # params.yaml
        model: {name: resnet18, dropout: 0.2, num_layers: 4}
    """

    weight = 2
    effort = Effort.HOURS
    not_for = (ProjectKind.TEMPLATE, ProjectKind.LIBRARY)

    def run(self, hyperparameters: Hyperparameters) -> Iterator[Finding | Evidence | NotApplicable]:
        choices = hyperparameters.choices(Role.ARCHITECTURE)
        for choice in choices.in_code:
            yield Finding(f"{choice.what} is in code, not in configuration", choice.path, choice.line)
        for choice in choices.configured[:20]:
            yield Evidence(choice.what, choice.path, choice.line)
        if not any(choices):
            yield NotApplicable("no choice of architecture is seen")

    examples = (
        passes({"t.py": TRAIN, "conf/model/a.yaml": "name: bert\n"}, "name: bert"),
        passes({"t.py": f"{TRAIN}n_layer = 12\n", "config/a.py": "n_layer = 6\n"}, "n_layer = 6"),
        passes({"t.py": TRAIN, "params.yaml": "train:\n  model_type: randomforest\n"}, "model_type: randomforest"),
        fails({"t.py": f"{TRAIN}def build(model_name='bert'):\n    pass\n"}, "model_name = bert is in code"),
        ignores({"t.py": "model.fit(x)\n"}, "no choice of architecture is seen"),
    )
