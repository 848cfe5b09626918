from collections.abc import Iterator

from apps.audit.check import Check, Effort, Evidence, Finding, NotApplicable, ProjectKind, fails, ignores, passes
from apps.audit.facts.training.choices import Role
from apps.audit.facts.training.hyperparameters import Hyperparameters

TRAIN = "import torch\nloss.backward()\n"


class EpochsRecorded(Check):
    """The length of training is in configuration

    How long a model was trained, and what stopped it, is half of how it came about.

    Fix: put epochs or steps, and the patience of early stopping, in the configuration:

        # params.yaml
        train: {max_epochs: 20, patience: 3}
    """

    weight = 1
    effort = Effort.HOURS
    not_for = (ProjectKind.TEMPLATE, ProjectKind.LIBRARY)

    def run(self, hyperparameters: Hyperparameters) -> Iterator[Finding | Evidence | NotApplicable]:
        choices = hyperparameters.choices(Role.EPOCHS, Role.STOPPING)
        for choice in choices.in_code:
            yield Finding(f"{choice.what} is in code, not in configuration", choice.path, choice.line)
        for choice in choices.configured[:20]:
            yield Evidence(choice.what, choice.path, choice.line)
        if not any(choices):
            yield NotApplicable("no epochs and no early stopping")

    examples = (
        passes({"t.py": TRAIN, "params.yaml": "train: {max_epochs: 3}\n"}, "train.max_epochs: 3"),
        fails({"t.py": f"{TRAIN}t = Trainer(max_epochs=5)\n"}, "Trainer(max_epochs=5) is in code"),
        fails(
            {"t.py": f"{TRAIN}s = EarlyStopping(patience=3)\n", "params.yaml": "train: {max_epochs: 3}\n"},
            "EarlyStopping(patience=3) is in code",
        ),
        fails({"t.py": f"{TRAIN}EPOCHS = 5\n"}, "EPOCHS = 5 is in code"),
        ignores({"t.py": TRAIN}, "no epochs and no early stopping"),
    )
