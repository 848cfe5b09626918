from collections.abc import Iterator

from apps.audit.check import Check, Effort, Evidence, Finding, NotApplicable, ProjectKind, fails, ignores, passes
from apps.audit.facts.training.choices import Role
from apps.audit.facts.training.hyperparameters import Hyperparameters

TRAIN = "import torch\nloss.backward()\n"


class HyperparametersInConfig(Check):
    """Hyper-parameters are in configuration

    Numbers in code are changed in passing. In a versioned file every change is seen, compared and swept over.

    Fix: gather them in one file and read it where training starts:

        # params.yaml
        train: {seed: 7, n_estimators: 200, max_depth: 8, learning_rate: 0.1}
    """

    weight = 4
    effort = Effort.HOURS
    not_for = (ProjectKind.TEMPLATE, ProjectKind.LIBRARY)

    def run(self, hyperparameters: Hyperparameters) -> Iterator[Finding | Evidence | NotApplicable]:
        choices = hyperparameters.choices(*Role)
        for choice in choices.in_code:
            yield Finding(f"{choice.what} is in code, not in configuration", choice.path, choice.line)
        for choice in choices.configured[:20]:
            yield Evidence(choice.what, choice.path, choice.line)
        if not any(choices):
            yield NotApplicable("no hyper-parameter is seen")

    examples = (
        passes({"t.py": TRAIN, "params.yaml": "lr: 0.1\nbatch_size: 2\n"}, "lr: 0.1"),
        passes({"t.py": f"{TRAIN}lr = 0.1\n", "config/a.py": "lr = 0.3\n"}, "lr = 0.3"),
        fails({"t.py": f"{TRAIN}lr = 0.1\n", "params.yaml": "batch_size: 2\n"}, "lr = 0.1 is in code"),
        fails({"t.py": "from sklearn.svm import SVC\nc = 3.0\nm = SVC(C=c)\nm.fit(x)\n"}, "c = 3.0 is in code"),
        fails({"t.py": "from sklearn.svm import SVC\nm = SVC(C=3.0)\nm.fit(x)\n"}, "svm.SVC(C=3.0) is in code"),
        fails({"t.py": f"{TRAIN}p.add_argument('--epochs', default=3)\n"}, "the default 3 of --epochs"),
        ignores({"t.py": TRAIN}, "no hyper-parameter is seen"),
    )
