from collections.abc import Iterator

from apps.audit.check import Check, Effort, Evidence, Finding, NotApplicable, ProjectKind, fails, ignores, passes
from apps.audit.facts.training.choices import Role
from apps.audit.facts.training.hyperparameters import Hyperparameters

TRAIN = "import torch\nloss.backward()\n"


class OptimiserRecorded(Check):
    """The optimiser is in configuration

    Learning rate and optimiser decide more than anything else how training ends. In code they are changed in passing,
    and no record says what they were.

    Fix: put them in the configuration and read them from there:

        # params.yaml
        train: {optimizer: adamw, learning_rate: 0.0003, weight_decay: 0.01}
    """

    weight = 1
    effort = Effort.HOURS
    not_for = (ProjectKind.TEMPLATE, ProjectKind.LIBRARY)

    def run(self, hyperparameters: Hyperparameters) -> Iterator[Finding | Evidence | NotApplicable]:
        choices = hyperparameters.choices(Role.OPTIMISER)
        for choice in choices.in_code:
            yield Finding(f"{choice.what} is in code, not in configuration", choice.path, choice.line)
        for choice in choices.configured[:20]:
            yield Evidence(choice.what, choice.path, choice.line)
        if not any(choices):
            yield NotApplicable("no gradient optimiser")

    examples = (
        passes(
            {"t.py": f"{TRAIN}o = torch.optim.Adam(p, lr=c.lr)\n", "params.yaml": "train:\n  lr: 0.1\n"},
            "train.lr: 0.1",
        ),
        passes({"train.py": f"{TRAIN}lr = 1\n", "config/a.py": "learning_rate = 0.1\n"}, "learning_rate = 0.1"),
        fails({"t.py": f"{TRAIN}o = torch.optim.Adam(p, lr=0.1)\n"}, "optim.Adam(lr=0.1) is in code"),
        fails({"t.py": f"{TRAIN}def build(lr=0.1):\n    return torch.optim.Adam(p, lr=lr)\n"}, "lr = 0.1 is in code"),
        fails({"t.py": f"{TRAIN}p.add_argument('--lr', default=0.1)\n"}, "the default 0.1 of --lr"),
        ignores({"t.py": "model.fit(x)\n"}, "no gradient optimiser"),
        ignores({"t.py": "x = 1\n"}, "no code that trains a model"),
    )
