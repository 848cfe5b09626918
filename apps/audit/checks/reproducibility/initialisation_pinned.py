from collections.abc import Iterator

from apps.audit.check import Check, Effort, Evidence, Finding, ProjectKind, fails, ignores, passes
from apps.audit.facts.training.pretrained import Pretrained

BERT = "from transformers import AutoModel\nm = AutoModel.from_pretrained('bert-base-uncased'"


class InitialisationPinned(Check):
    """Pretrained weights are pinned

    A model of a hub is a name that somebody else may move. What is fine-tuned from it next year may start elsewhere.

    Fix: pin the commit of the weights, and of the tokenizer with them:

        AutoModel.from_pretrained(name, revision="86b5e0934494bd15c9632b12f734a8a67f723594")
    """

    weight = 2
    effort = Effort.MINUTES
    not_for = (ProjectKind.TEMPLATE,)

    def run(self, pretrained: Pretrained) -> Iterator[Finding | Evidence]:
        for each in pretrained:
            if each.pinned_by:
                yield Evidence(f"{each.what} is pinned by {each.pinned_by}", each.path, each.line)
            else:
                yield Finding(f"{each.what} without a revision", each.path, each.line)

    examples = (
        passes({"t.py": f"{BERT}, revision='86b5e0934494')\n"}, "pinned by its revision"),
        passes({"t.py": "import torchvision\nm = torchvision.models.vgg16(weights='IMAGENET1K_V1')\n"}, "its weights"),
        fails({"t.py": f"{BERT})\n"}, "AutoModel.from_pretrained(bert-base-uncased) without a revision"),
        fails({"t.py": f"{BERT}, revision='main')\n"}, "without a revision"),
        fails({"t.py": "import torchvision\nm = torchvision.models.vgg16(pretrained=True)\n"}, "without a revision"),
        ignores(
            {"t.py": "from transformers import AutoModel\nm = AutoModel.from_pretrained('./out')\n"}, "no pretrained"
        ),
        ignores({"t.py": "import torch\nm = torch.nn.Linear(1, 1)\n"}, "no pretrained"),
    )
