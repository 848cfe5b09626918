from collections.abc import Iterator

from apps.audit.check import KILOBYTE, Check, Effort, Evidence, Finding, Unknown, fails, passes, threshold
from apps.audit.facts.data.artefacts import Artefacts
from apps.audit.facts.lfs import LARGEST_POINTER, LfsPointers
from apps.audit.facts.tree import Tree, is_fixture


class ModelBinaries(Check):
    """Models stay out of git

    A trained model is an output: git cannot show what changed in it, keeps every version of it for ever, and nobody can
    tell which data and code it came from. A small fixture below a tests or fixtures folder is fine.

    Fix: hand the file over to DVC, which also ignores it in git, and keep the pointer:
        git rm --cached models/model.pkl
        dvc add models/model.pkl && git add models/model.pkl.dvc models/.gitignore
    """

    weight = 4
    effort = Effort.HOURS
    fixture_kilobytes: float = threshold(100, "Largest model that a test's fixture may be, in kilobytes.")

    def run(self, tree: Tree, artefacts: Artefacts, pointers: LfsPointers) -> Iterator[Finding | Evidence | Unknown]:
        yield from tree.unread
        for model in artefacts.models:
            if model.size is None:
                yield Unknown("the object is missing: a model or a pointer to one", model.path)
            elif is_fixture(model.path) and model.exceeds(self.fixture_kilobytes * KILOBYTE) is False:
                yield Evidence(f"a fixture of {model.size / KILOBYTE:.3g} kB", model.path)
            elif is_fixture(model.path) and model.exceeds(self.fixture_kilobytes * KILOBYTE) is None:
                yield model.unsized
            else:
                weight = model.megabytes if model.left_out else size(model.size)
                yield Finding(f"a model binary ({model.suffix}, {weight}) in git", model.path)
        for path in sorted(pointers.paths):
            yield Evidence("a pointer to Git LFS", path)
        if not artefacts.models:
            yield Evidence(f"none of {len(tree):,} files has the ending of a model")

    examples = (
        passes({"train.py": "import torch\n"}, "none of 1 files has the ending of a model"),
        passes({"tests/fixtures/tiny.pt": "0" * 900}, "a fixture of 0.9 kB"),
        passes(
            {"model.onnx": f"version https://git-lfs.github.com/spec/v1\noid sha256:{'0' * 64}\nsize 123456789\n"},
            "a pointer to Git LFS",
        ),
        fails({"models/churn.pkl": b"\x80\x04K\x01."}, "a model binary (.pkl, 5 bytes) in git"),
        fails({"src/weights.SafeTensors": "0" * 2000}, "a model binary (.safetensors, 2 kB) in git"),
        fails({"tests/big.ckpt": "0" * 3000}, "3 kB", fixture_kilobytes=2),
    )


def size(number: int) -> str:
    return f"{number} bytes" if number <= LARGEST_POINTER else f"{number / KILOBYTE:,.4g} kB"
