from collections.abc import Iterator

from apps.audit.check import Check, Effort, Evidence, Finding, ProjectKind, fails, ignores, passes
from apps.audit.facts.training.pretrained import Pretrained

BERT = "from transformers import AutoModel\nm = AutoModel.from_pretrained('bert-base-uncased'"
HUB = "from transformers import AutoModel\ndef load({}):\n    return AutoModel.from_pretrained(name)\n"
ASKED = "from transformers import AutoModel\nm = AutoModel.from_pretrained(a.model_name_or_path)\n"
BUCKET = "import boto3\nboto3.client('s3')"
PACKAGE = {"pyproject.toml": "[project]\nname = 'a'\n", "a/__init__.py": ""}
WEIGHTS = "from torchvision.models import resnet18, ResNet18_Weights\n"
REMOTE = "import torch\nfrom torch.hub import load_state_dict_from_url as load\nw = load({}, check_hash=True)\n"
TABLE = "from urllib.request import urlopen\nMODELS = {'a': 'https://a.org/b/net.pt'}\nb = urlopen(MODELS[a]).read()\n"
LEARNER = "from fastai.vision.all import *\nl = vision_learner(d, resnet18"


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
        passes({"t.py": f"{BERT}, revision=args.rev)\n"}, "pinned by its revision"),
        fails({"t.py": f"R = 'main'\n{BERT}, revision=R)\n"}, "without a revision"),
        fails({"t.py": f"p.add_argument('--rev', default='main')\n{BERT}, revision=args.rev)\n"}, "without a revision"),
        fails({"t.py": f"{LEARNER})\n"}, "vision_learner(resnet18) without a revision"),
        ignores({"t.py": f"{LEARNER}, pretrained=False)\n"}, "no pretrained weights"),
        fails({"t.py": HUB.format("name")}, "from_pretrained(name) without a revision"),
        ignores({"a/hub.py": HUB.format("name"), **PACKAGE}, "no pretrained weights"),
        fails({"a/hub.py": HUB.format("name='bert'"), **PACKAGE}, "from_pretrained(name) without a revision"),
        fails({"t.py": "import torchvision\nm = torchvision.models.vgg16(pretrained=True)\n"}, "without a revision"),
        ignores(
            {"t.py": "from transformers import AutoModel\nm = AutoModel.from_pretrained('./out')\n"}, "no pretrained"
        ),
        fails({"t.py": f"{WEIGHTS}w = ResNet18_Weights.DEFAULT\nm = resnet18(weights=w)\n"}, "resnet18(…) without"),
        passes({"t.py": f"{WEIGHTS}w = ResNet18_Weights.IMAGENET1K_V1\nm = resnet18(weights=w)\n"}, "its weights"),
        passes({"t.py": REMOTE.format("'https://a.org/net-5c106cde.pth'")}, "pinned by its checksum"),
        fails({"t.py": REMOTE.format("'https://a.org/net.pth'")}, "without a revision"),
        passes({"t.py": REMOTE.format("url='https://a.org/net-5c106cde.pth'")}, "pinned by its checksum"),
        ignores({"t.py": REMOTE.format("args.resume")}, "no pretrained weights"),
        fails({"t.py": "import os\nos.system('wget -nc https://a.org/b/net.pth')\n"}, "wget … net.pth without"),
        ignores({"t.py": "import os\nos.system('wget https://a.org/readme.txt')\n"}, "no pretrained weights"),
        fails({"t.py": "import os\nos.system('aws s3 cp s3://b/net.pt .')\n"}, "aws s3 … net.pt without"),
        ignores({"t.py": "import os\nos.system('aws s3 cp a.pt s3://b/a.pt')\n"}, "no pretrained weights"),
        fails({"t.py": "import tensorflow_hub as h\np = 'gs://b/hub/'\nm = h.Module(p)\n"}, "Module(p) without"),
        passes({"t.py": TABLE + "import hashlib\nassert hashlib.sha256(b)\n"}, "net.pt is pinned by a checksum in the"),
        fails({"t.py": TABLE}, "net.pt without a revision"),
        ignores({"t.py": TABLE.replace("urlopen", "quote")}, "no pretrained weights"),
        fails({"t.py": ASKED}, "from_pretrained(a.model_name_or_path) without"),
        ignores({"t.py": f"p.add_argument('--model_name_or_path', default='./out')\n{ASKED}"}, "no pretrained"),
        fails({"t.py": f"{BUCKET}.download_file('b', 'nets/a.pt', 'a.pt')\n"}, "a.pt without a revision"),
        ignores({"t.py": f"{BUCKET}.download_file('b', 'a.csv', 'a.csv')\n"}, "no pretrained weights"),
        ignores(
            {"t.py": f"{BUCKET}.download_file('b', 'a.pt', 'a.pt')\n", "u.py": "s3.upload_file('out/a.pt', 'b')\n"},
            "no pretrained weights",
        ),
        ignores({"t.py": "import torch\nm = torch.load('out/net.pth')\n"}, "no pretrained weights"),
        ignores({"t.py": "import torch\nm = torch.nn.Linear(1, 1)\n"}, "no pretrained"),
    )
