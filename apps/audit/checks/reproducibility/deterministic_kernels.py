from collections.abc import Iterator

from apps.audit.check import Check, Effort, Evidence, Finding, ProjectKind, fails, ignores, passes
from apps.audit.facts.training.kernels import Kernels

TRAIN = "import torch\n{}loss.backward()\n"
FLAG = "class Args:\n    exact: bool = {}\n\n\ntorch.backends.cudnn.deterministic = args.exact\n"


class DeterministicKernels(Check):
    """Training uses deterministic kernels

    Some kernels of a GPU add numbers in another order each time. With the same seed the weights still differ.

    Fix: ask for deterministic kernels where training starts:

        torch.use_deterministic_algorithms(True)
        torch.backends.cudnn.benchmark = False  # or Trainer(deterministic=True)
    """

    weight = 1
    effort = Effort.MINUTES
    not_for = (ProjectKind.TEMPLATE,)

    def run(self, kernels: Kernels) -> Iterator[Finding | Evidence]:
        for folder, start in kernels.starts:
            settings = kernels.of(folder)
            wrong = [each for each in settings if not each.on]
            for each in wrong:
                yield Finding(f"kernels are not deterministic: {each.what}", each.path, each.line)
            if not settings:
                yield Finding(f"{start.what}, and nothing asks for deterministic kernels", start.path, start.line)
            yield from (Evidence(each.what, each.path, each.line) for each in settings if each.on)

    examples = (
        passes({"t.py": TRAIN.format("torch.use_deterministic_algorithms(True)\n")}, "use_deterministic_algorithms"),
        passes({"t.py": TRAIN.format("torch.backends.cudnn.deterministic = True\n")}, "cudnn.deterministic = True"),
        passes({"t.py": "import lightning as L\nt = L.Trainer(deterministic=True)\nt.fit(m)\n"}, "deterministic="),
        passes({"t.py": TRAIN.format(FLAG.format(True))}, "cudnn.deterministic = True"),
        fails({"t.py": TRAIN.format(FLAG.format(False))}, "cudnn.deterministic = False"),
        fails({"t.py": TRAIN.format("")}, "nothing asks for deterministic kernels"),
        fails({"t.py": TRAIN.format("run('torch.backends.cudnn.deterministic = True')\n")}, "nothing asks"),
        fails(
            {"t.py": TRAIN.format("b = torch.backends\ntorch.backends.cudnn.benchmark = True\n")},
            "cudnn.benchmark = True",
        ),
        fails({"t.py": TRAIN.format(""), "conf/trainer/a.yaml": "deterministic: False\n"}, "deterministic: false"),
        ignores({"t.py": "import numpy\n"}, "PyTorch is not used"),
    )
