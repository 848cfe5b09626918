from collections.abc import Iterator

from apps.audit.check import Check, Effort, Evidence, Finding, NotApplicable, ProjectKind, fails, ignores, passes
from apps.audit.facts.training.randomness import Library, Randomness


class SeedPython(Check):
    """Python's own randomness is seeded

    `random.shuffle` and its kind give another order in every run, and with it another model.

    Fix: seed once, before anything random happens, with a value from the configuration:

        random.seed(config.seed)
    """

    weight = 2
    effort = Effort.MINUTES
    not_for = (ProjectKind.TEMPLATE,)

    def run(self, randomness: Randomness) -> Iterator[Finding | Evidence | NotApplicable]:
        uses, seeds = randomness.uses(Library.PYTHON), randomness.seeded(Library.PYTHON)
        for seed in seeds[:20]:
            yield Evidence(f"seeded by {seed.what}", seed.path, seed.line)
        for place, null in randomness.unseeded(Library.PYTHON):
            wrong = f"no seed: {place.what}" if null else f"{place.what} is called, and nothing seeds it"
            yield Finding(wrong, place.path, place.line)
        if not uses and not seeds:
            yield NotApplicable("the random module is not used")

    examples = (
        ignores({"load_test/locustfile.py": "import random\nrandom.choice([1, 2])\n"}, "the random module is not used"),
        passes({"t.py": "import random\nrandom.seed(7)\nrandom.shuffle(x)\n"}, "seeded by random.seed"),
        passes({"t.py": "from lightning import seed_everything\nseed_everything(7)\n"}, "seeded by"),
        passes({"u.py": "import random\ndef set_seeds(seed=1):\n    random.seed(seed)\n"}, "seeded by random.seed"),
        fails({"t.py": "import random\nrandom.shuffle(x)\n"}, "random.shuffle is called"),
        fails({"t.py": "import random\nrandom.seed()\nrandom.shuffle(x)\n"}, "no seed: random.seed()"),
        fails({"t.py": "import random\n# random.seed(7)\nrandom.shuffle(x)\n"}, "random.shuffle is called"),
        fails(
            {
                "churn/requirements.txt": "numpy",
                "churn/train.py": "import random\nrandom.seed(7)\nrandom.random()\n",
                "fraud/requirements.txt": "numpy",
                "fraud/train.py": "import random\nrandom.random()\n",
            },
            "random.random is called, and nothing seeds it",
        ),
        ignores({"t.py": "import numpy as np\nnp.random.shuffle(x)\n"}, "the random module is not used"),
    )
