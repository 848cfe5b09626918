from collections.abc import Iterator

from apps.audit.check import Check, Effort, Evidence, Finding, NotApplicable, ProjectKind, fails, ignores, passes
from apps.audit.facts.training.choices import Role
from apps.audit.facts.training.hyperparameters import Hyperparameters

TRAIN = "import torch\nloss.backward()\n"


class BatchSizeRecorded(Check):
    """The batch size is in configuration

    The batch size changes the gradient, the speed and the memory that a run needs. It belongs to the record of the run.

    Fix: read it from the configuration: `DataLoader(data, batch_size=config.batch_size)`.
    """

    weight = 1
    effort = Effort.HOURS
    not_for = (ProjectKind.TEMPLATE, ProjectKind.LIBRARY)

    def run(self, hyperparameters: Hyperparameters) -> Iterator[Finding | Evidence | NotApplicable]:
        choices = hyperparameters.choices(Role.BATCH_SIZE)
        for choice in choices.in_code:
            yield Finding(f"{choice.what} is in code, not in configuration", choice.path, choice.line)
        for choice in choices.configured[:20]:
            yield Evidence(choice.what, choice.path, choice.line)
        if not any(choices):
            yield NotApplicable("no batch size")

    examples = (
        passes(
            {"t.py": f"{TRAIN}d = DataLoader(x, batch_size=c.batch_size)\n", "conf/a.yaml": "batch_size: 32\n"},
            "batch_size: 32",
        ),
        fails({"t.py": f"{TRAIN}d = DataLoader(x, batch_size=32)\n"}, "DataLoader(batch_size=32) is in code"),
        fails({"t.py": f"{TRAIN}def load(batch_size=32):\n    pass\n"}, "batch_size = 32 is in code"),
        ignores({"t.py": TRAIN}, "no batch size"),
    )
