from collections.abc import Iterator

from apps.audit.check import Check, Effort, Evidence, Finding, NotApplicable, ProjectKind, fails, ignores, passes
from apps.audit.facts.python.modules import Modules
from apps.audit.facts.training.randomness import Library, Randomness
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

    def run(self, modules: Modules, randomness: Randomness) -> Iterator[Finding | Evidence | NotApplicable]:
        seen = False
        for module in modules:
            for call in () if is_test(module.path) else module.called(AUGMENT):
                library = next(each for each, words in AUGMENTS.items() if words.fullmatch(call.name))
                seen, seeds = True, randomness.seeded_for(library, module.path)
                if seeds or call.keywords.get("seed") is not None:
                    by = f"{seeds[0].what} in {seeds[0].path}" if seeds else "its seed"
                    yield Evidence(f"{call.name} follows {by}", module.path, call.line)
                else:
                    yield Finding(f"{call.name} follows no seed", module.path, call.line)
        if not seen:
            yield NotApplicable("no augmentation")

    examples = (
        passes({"t.py": f"{FLIP}import torch\ntorch.manual_seed(7)\n"}, "follows torch.manual_seed"),
        passes({"t.py": "import keras\nl = keras.layers.RandomFlip(seed=7)\n"}, "follows its seed"),
        fails({"t.py": FLIP}, "RandomHorizontalFlip follows no seed"),
        ignores({"t.py": "from torchvision import transforms\nt = transforms.ToTensor()\n"}, "no augmentation"),
    )
