from collections.abc import Iterator

from apps.audit.check import Check, Effort, Evidence, Finding, NotApplicable, ProjectKind, fails, ignores, passes
from apps.audit.facts.training.randomness import Library, Randomness


class SeedPytorch(Check):
    """PyTorch is seeded

    Weights, dropout and the order of the batches all come from PyTorch's generator. Unseeded, no two runs are alike.

    Fix: seed first thing in the training script, with a value that is never null:

        lightning.seed_everything(cfg.seed, workers=True)  # or torch.manual_seed(config.seed)
    """

    weight = 3
    effort = Effort.MINUTES
    not_for = (ProjectKind.TEMPLATE,)

    def run(self, randomness: Randomness) -> Iterator[Finding | Evidence | NotApplicable]:
        uses, seeds = randomness.uses(Library.PYTORCH), randomness.seeded(Library.PYTORCH)
        for seed in seeds[:20]:
            yield Evidence(f"seeded by {seed.what}", seed.path, seed.line)
        for place, null in randomness.unseeded(Library.PYTORCH, drawn=False):
            wrong = f"no seed: {place.what}" if null else f"{place.what} is imported, and nothing seeds it"
            yield Finding(wrong, place.path, place.line)
        if not uses and not seeds:
            yield NotApplicable("PyTorch is not used")

    examples = (
        passes({"t.py": "import torch\ntorch.manual_seed(7)\n"}, "seeded by torch.manual_seed"),
        passes({"t.py": "import torch\ndef main(args):\n    torch.manual_seed(args.seed)\n"}, "seeded by"),
        passes({"t.py": "import torch\nfrom transformers import set_seed\nset_seed(args.seed)\n"}, "seeded by"),
        fails({"t.py": "import torch\nmodel = torch.nn.Linear(1, 1)\n"}, "torch is imported, and nothing seeds it"),
        fails(
            {
                "t.py": "import lightning as L\ndef train(cfg):\n    L.seed_everything(cfg.seed)\n",
                "configs/train.yaml": "defaults: [data: a]\nseed: null\n",
                "configs/experiment/a.yaml": "seed: 1\n",
            },
            "no seed: seed: null",
        ),
        fails({"t.py": "import torch\nm = torch.nn.Linear(1, 1)\nrun('torch.manual_seed(7)')\n"}, "nothing seeds it"),
        fails(
            {"t.py": "import torch\ntorch.rand(3, generator=torch.Generator().manual_seed(7))\n"}, "nothing seeds it"
        ),
        ignores({"t.py": "import numpy\n"}, "PyTorch is not used"),
        ignores({"t.py": "import torch\nm = torch.load('m.pt')\n"}, "PyTorch is not used"),
    )
