from collections.abc import Iterator

from apps.audit.check import Check, Effort, Evidence, Finding, ProjectKind, fails, ignores, passes
from apps.audit.facts.training.splits import Splits

SPLIT = "from sklearn.model_selection import train_test_split\na, b = train_test_split(x"
HANDED = "from sklearn.model_selection import train_test_split\n    return train_test_split(x, random_state=seed)\n"
PACKAGE = {"pyproject.toml": "[project]\nname = 'a'\n", "a/__init__.py": ""}
FOLDER = "from os.path import join\nfrom torchvision.datasets import ImageFolder\n"
TORCH = "import torch\nfrom torch.utils.data import random_split\na, b = random_split(d, [8, 2]"
FASTAI = "from fastai.vision.all import *\nd = ImageDataLoaders.from_folder(path, valid_pct=0.2{})\n"
HAND = (
    "import random\n{}def split(rows, train, test):\n"
    "    for r in rows:\n        (test if random.random() > 0.8 else train).add(r)\n"
)
DRAWN = (
    "import random\n{}test_rows = random.sample(rows, 10)\ntrain_rows = [row for row in rows if row not in test_rows]\n"
)
FILLED = "import random\ndef fill(train, test):\n    train.age, test.age = train.age.fillna(random.random()), 0\n"


class SplitsSeeded(Check):
    """Every split comes out the same again

    A metric means something only for the rows it was measured on. When the split moves, old and new results cannot be
    compared, and rows of the test set end up in the training set.

    Fix: seed every split with a value from the configuration, or split once and keep the parts:

        train, test = train_test_split(rows, test_size=0.2, random_state=config.seed)
    """

    weight = 4
    effort = Effort.MINUTES
    not_for = (ProjectKind.TEMPLATE,)

    def run(self, splits: Splits) -> Iterator[Finding | Evidence]:
        for split in splits:
            if split.kept_by:
                yield Evidence(f"{split.what} is kept by {split.kept_by}", split.path, split.line)
            else:
                yield Finding(f"{split.what} is not seeded", split.path, split.line)

    examples = (
        passes({"t.py": f"{SPLIT}, random_state=7)\n"}, "kept by its random_state"),
        passes({"t.py": f"{SPLIT}, shuffle=False)\n"}, "kept by its order"),
        passes({"t.py": f"import numpy as np\nnp.random.seed(7)\n{SPLIT})\n"}, "kept by numpy.random.seed"),
        passes({"t.py": f"{TORCH}, generator=torch.Generator().manual_seed(7))\n"}, "kept by its generator"),
        passes({"t.py": "from datasets import load_dataset\nd = load_dataset('glue')\n"}, "brings its own split"),
        passes({"t.py": HAND.format("random.seed(7)\n")}, "kept by random.seed"),
        fails({"t.py": f"{SPLIT})\n"}, "train_test_split is not seeded"),
        fails({"t.py": f"{SPLIT}, random_state=None)\n"}, "train_test_split is not seeded"),
        passes({"t.py": FASTAI.format(", seed=42")}, "kept by its seed"),
        passes({"t.py": "from fastai.data.all import *\ns = RandomSplitter(0.2, 1)\n"}, "kept by its seed"),
        passes({"t.py": f"set_seed(42)\n{FASTAI.format('')}"}, "kept by set_seed"),
        fails({"t.py": FASTAI.format("")}, "ImageDataLoaders.from_folder is not seeded"),
        fails({"t.py": f"{TORCH})\n"}, "random_split is not seeded"),
        fails({"t.py": HAND.format("")}, "split draws with random.random is not seeded"),
        passes(
            {"t.py": "x = 1\n", "params.yaml": "train_years: [1, 2]\ntest_years: [3]\n"}, "what configuration names"
        ),
        fails({"t.py": DRAWN.format("")}, "test_rows = random.sample(…) is not seeded"),
        passes({"t.py": DRAWN.format("random.seed(7)\n")}, "is kept by random.seed"),
        passes({"t.py": "x = 1\n", "params.yaml": "train_dir: data/a\ntest_dir: data/b\n"}, "what configuration names"),
        ignores({"t.py": "x = 1\n", "params.yaml": "train_split: 0.8\ntest_split: 0.2\n"}, "no split of data"),
        passes({"t.py": f"{FOLDER}a, b = (ImageFolder(join(d, p)) for p in ('train', 'val'))\n"}, "the folders of its"),
        ignores({"t.py": f"{FOLDER}a = ImageFolder(join(d, 'train'))\n"}, "no split of data"),
        passes({"t.py": "a = Images(split='train')\nb = Images(split='test')\n"}, "which has its parts"),
        ignores({"t.py": "a = Images(split='train')\nb = Words(split='test')\n"}, "no split of data"),
        passes({"a/t.py": f"def f(x, seed=None):\n    {HANDED}", **PACKAGE}, "kept by its random_state"),
        fails({"t.py": f"def f(x, seed=None):\n    {HANDED}"}, "is not seeded"),
        ignores({"t.py": "import random\nshown = random.sample(rows, 3)\ntrain, test = load()\n"}, "no split of data"),
        ignores({"t.py": FILLED}, "no split of data"),
        ignores({"t.py": "x = 'a b'.split()\n"}, "no split of data"),
    )
