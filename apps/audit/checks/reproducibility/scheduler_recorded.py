from collections.abc import Iterator

from apps.audit.check import Check, Effort, Evidence, Finding, NotApplicable, ProjectKind, fails, ignores, passes
from apps.audit.facts.training.choices import Role
from apps.audit.facts.training.hyperparameters import Hyperparameters

TRAIN = "import torch\nloss.backward()\n"


class SchedulerRecorded(Check):
    """The learning rate's schedule is in configuration

    Warm-up and decay change what a learning rate means. Without them a recorded learning rate cannot be used again.

    Fix: name the schedule and its numbers in the configuration:

        # params.yaml
        scheduler: {name: cosine, warmup_steps: 500}
    """

    weight = 1
    effort = Effort.HOURS
    not_for = (ProjectKind.TEMPLATE, ProjectKind.LIBRARY)

    def run(self, hyperparameters: Hyperparameters) -> Iterator[Finding | Evidence | NotApplicable]:
        choices = hyperparameters.choices(Role.SCHEDULE)
        for choice in choices.in_code:
            yield Finding(f"{choice.what} is in code, not in configuration", choice.path, choice.line)
        for choice in choices.configured[:20]:
            yield Evidence(choice.what, choice.path, choice.line)
        if not any(choices):
            yield NotApplicable("no schedule of the learning rate")

    examples = (
        passes({"t.py": TRAIN, "params.yaml": "warmup_steps: 500\n"}, "warmup_steps: 500"),
        fails(
            {"t.py": f"{TRAIN}s = torch.optim.lr_scheduler.StepLR(o, step_size=30)\n"},
            "StepLR(step_size=30) is in code",
        ),
        fails({"t.py": f"{TRAIN}warmup_iters = 100\n"}, "warmup_iters = 100 is in code"),
        ignores({"t.py": TRAIN}, "no schedule of the learning rate"),
    )
