from collections.abc import Iterator

from apps.audit.check import Check, Effort, Evidence, Finding, NotApplicable, ProjectKind, fails, ignores, passes
from apps.audit.facts.training.randomness import Library, Randomness


class SeedNumpy(Check):
    """NumPy's randomness is seeded

    Shuffles, samples and noise from an unseeded generator differ in every run, and so does everything trained on them.

    Fix: make one generator with a seed from the configuration, and hand it on:

        rng = np.random.default_rng(config.seed)
        order = rng.permutation(len(rows))
    """

    weight = 2
    effort = Effort.MINUTES
    not_for = (ProjectKind.TEMPLATE,)

    def run(self, randomness: Randomness) -> Iterator[Finding | Evidence | NotApplicable]:
        uses, seeds = randomness.uses(Library.NUMPY), randomness.seeded(Library.NUMPY)
        for seed in seeds[:20]:
            yield Evidence(f"seeded by {seed.what}", seed.path, seed.line)
        for place, null in randomness.unseeded(Library.NUMPY):
            wrong = f"no seed: {place.what}" if null else f"{place.what} is called, and nothing seeds it"
            yield Finding(wrong, place.path, place.line)
        if not uses and not seeds:
            yield NotApplicable("NumPy's randomness is not used")

    examples = (
        passes({"t.py": "import numpy as np\nrng = np.random.default_rng(7)\n"}, "seeded by numpy.random.default_rng"),
        passes({"t.py": "import numpy as np\nnp.random.seed(7)\nnp.random.rand(3)\n"}, "seeded by numpy.random.seed"),
        passes(
            {"t.py": "from numpy.random import RandomState\nr = RandomState(seed=42)\n"}, "numpy.random.RandomState"
        ),
        fails({"t.py": "import numpy as np\nnp.random.shuffle(x)\n"}, "numpy.random.shuffle is called"),
        fails({"t.py": "import numpy as np\nrng = np.random.default_rng()\n"}, "no seed: numpy.random.default_rng()"),
        ignores({"t.py": "import numpy as np\nnp.zeros(3)\n"}, "randomness is not used"),
    )
