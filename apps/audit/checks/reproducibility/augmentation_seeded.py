from collections.abc import Iterator
from datetime import UTC, datetime

from apps.audit.check import (
    Check,
    Effort,
    Evidence,
    Finding,
    NotApplicable,
    ProjectKind,
    Snapshot,
    fails,
    ignores,
    passes,
)
from apps.audit.facts.packages.bounds import is_at_least
from apps.audit.facts.packages.dependencies import Dependencies
from apps.audit.facts.python.modules import Call, Module, Modules
from apps.audit.facts.training.randomness import Library, Randomness
from apps.audit.facts.training.seed_values import Place
from apps.audit.facts.tree import is_test
from apps.audit.regex import any_of, regex

AUGMENTS = {
    Library.PYTORCH: regex(
        r"torchvision\.transforms(\.v2)?\.(Random\w+|ColorJitter|AutoAugment|TrivialAugmentWide|RandAugment|AugMix|MixUp|CutMix)"
        r"|kornia\.augmentation\.\w+|torchaudio\.transforms\.(FrequencyMasking|TimeMasking)"
    ),
    Library.NUMPY: regex(r"imgaug\.augmenters\.\w+|nlpaug\.\w+\.\w+\.\w+|audiomentations\.\w+"),
    Library.PYTHON: regex(
        r"albumentations\.(?!Normalize|Resize|CenterCrop|PadIfNeeded|pytorch|LongestMax|Compose|\w+Params)\w+"
    ),
    Library.TENSORFLOW: regex(
        r"(tensorflow\.)?keras\.layers\.Random\w+|tensorflow\.image\.random_\w+|.*\.ImageDataGenerator"
    ),
}
AUGMENT = any_of(*AUGMENTS.values())
# From this version on, each pipeline of albumentations has a generator of its own that no global seed reaches.
OWN_GENERATOR, RELEASED = "1.4.21", datetime(2024, 11, 1, tzinfo=UTC)
PIPELINE = regex(r"albumentations\.(\w+\.)*\w*Compose")
BLUR = "import random\nimport albumentations as A\nrandom.seed(7)\nt = A.Compose([A.Blur()]{})\n"
FLIP = "from torchvision import transforms\nt = transforms.RandomHorizontalFlip()\n"


class AugmentationSeeded(Check):
    """Augmentation follows a seed

    Random crops and flips are part of the training data. Unseeded, every run trains on other pictures.

    Fix: seed the library that draws them, in the workers of the loader too:

        lightning.seed_everything(cfg.seed, workers=True)
    """

    weight = 1
    effort = Effort.MINUTES
    not_for = (ProjectKind.TEMPLATE,)

    def run(
        self, modules: Modules, randomness: Randomness, dependencies: Dependencies, snapshot: Snapshot
    ) -> Iterator[Finding | Evidence | NotApplicable]:
        seen = False
        for module in modules:
            calls = [] if is_test(module.path) else module.called(AUGMENT)
            seen = seen or bool(calls)
            apart = any(map(AUGMENTS[Library.PYTHON].fullmatch, {call.name for call in calls}))
            since = is_at_least(dependencies, "albumentations", OWN_GENERATOR, module.path) if apart else False
            own = snapshot.committed_at >= RELEASED if since is None else since
            for call in calls:
                library = next(each for each, words in AUGMENTS.items() if words.fullmatch(call.name))
                if own and library is Library.PYTHON:
                    yield of_pipeline(call, module)
                else:
                    yield of_library(call, module, randomness.seeded_for(library, module.path))
        if not seen:
            yield NotApplicable("no augmentation")

    examples = (
        passes({"t.py": f"{FLIP}import torch\ntorch.manual_seed(7)\n"}, "follows torch.manual_seed"),
        passes({"t.py": "import keras\nl = keras.layers.RandomFlip(seed=7)\n"}, "follows its seed"),
        passes({"t.py": BLUR.format(", seed=7")}, "Blur follows the seed of its pipeline"),
        fails({"t.py": BLUR.format("")}, "needs Compose(seed=…)"),
        fails({"t.py": BLUR.format(", seed=None"), "requirements.txt": "albumentations==2.0.8\n"}, "needs Compose"),
        passes({"t.py": BLUR.format(""), "requirements.txt": "albumentations<1.4\n"}, "follows random.seed"),
        fails({"t.py": FLIP}, "RandomHorizontalFlip follows no seed"),
        ignores({"t.py": "from torchvision import transforms\nt = transforms.ToTensor()\n"}, "no augmentation"),
    )


def of_library(call: Call, module: Module, seeds: list[Place]) -> Finding | Evidence:
    if seeds or call.keywords.get("seed") is not None:
        by = f"{seeds[0].what} in {seeds[0].path}" if seeds else "its seed"
        return Evidence(f"{call.name} follows {by}", module.path, call.line)
    return Finding(f"{call.name} follows no seed", module.path, call.line)


def of_pipeline(call: Call, module: Module) -> Finding | Evidence:
    seeded = any(each.keywords.get("seed") is not None for each in module.called(PIPELINE.fullmatch))
    if seeded or any(name.endswith(".set_random_seed") for name in module.names):
        return Evidence(f"{call.name} follows the seed of its pipeline", module.path, call.line)
    said = f"{call.name} follows no seed: since albumentations {OWN_GENERATOR} it needs Compose(seed=…)"
    return Finding(said, module.path, call.line)
