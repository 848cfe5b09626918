from collections.abc import Iterator

from apps.audit.check import Check, Effort, Evidence, Finding, NotApplicable, ProjectKind, fails, ignores, passes
from apps.audit.facts.training.randomness import Library, Randomness

OWN = ("tensorflow", "keras", "tf_keras", "jax", "flax", "haiku")


class SeedTensorflow(Check):
    """TensorFlow, Keras or JAX is seeded

    Weights, dropout and shuffling differ in every run of an unseeded program, and so do its results.

    Fix: seed first thing in the training script: `keras.utils.set_random_seed(config.seed)` seeds Python and NumPy as
    well; with JAX, make every key from `jax.random.key(config.seed)`.
    """

    weight = 3
    effort = Effort.MINUTES
    not_for = (ProjectKind.TEMPLATE,)

    def run(self, randomness: Randomness) -> Iterator[Finding | Evidence | NotApplicable]:
        uses, seeds = randomness.uses(Library.TENSORFLOW), randomness.seeded(Library.TENSORFLOW)
        # A seeder of several libraries says nothing of whether this one is used.
        seeds = [seed for seed in seeds if uses or seed.what.startswith(OWN)]
        if not uses and not seeds:
            yield NotApplicable("neither TensorFlow, Keras nor JAX is used")
            return
        for seed in seeds[:20]:
            yield Evidence(f"seeded by {seed.what}", seed.path, seed.line)
        for place, null in randomness.unseeded(Library.TENSORFLOW):
            wrong = f"no seed: {place.what}" if null else f"{place.what} is imported, and nothing seeds it"
            yield Finding(wrong, place.path, place.line)

    examples = (
        passes({"t.py": "import tensorflow as tf\ntf.random.set_seed(7)\n"}, "seeded by tensorflow.random.set_seed"),
        passes({"t.py": "import keras\nkeras.utils.set_random_seed(7)\n"}, "seeded by keras.utils.set_random_seed"),
        passes({"t.py": "import jax\nkey = jax.random.PRNGKey(0)\n"}, "seeded by jax.random.PRNGKey"),
        fails({"t.py": "import tensorflow as tf\nm = tf.keras.Sequential()\n"}, "tensorflow is imported"),
        ignores({"t.py": "from transformers import set_seed\nset_seed(7)\n"}, "neither TensorFlow"),
        ignores({"t.py": "import torch\n"}, "neither TensorFlow, Keras nor JAX"),
        ignores({"t.py": "import keras\nm = keras.models.load_model('m')\n"}, "neither TensorFlow"),
    )
