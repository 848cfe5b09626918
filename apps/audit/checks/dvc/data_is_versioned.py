from collections.abc import Iterator

from apps.audit.check import (
    MEGABYTE,
    Check,
    Effort,
    Evidence,
    Finding,
    NotApplicable,
    Unknown,
    fails,
    ignores,
    passes,
    threshold,
)
from apps.audit.facts.data.artefacts import Artefacts
from apps.audit.facts.data.data_loaders import READERS, is_url
from apps.audit.facts.data.data_places import Source
from apps.audit.facts.data.data_sources import DataSources
from apps.audit.facts.tree import is_fixture

POINTER = "outs:\n- {path: d.csv, md5: 22a1a2931c8370d3aeedd7183606fd7f}\n"
HUB = "from datasets import load_dataset\nd = load_dataset('glue', 'cola'"
GIVEN = "from torchvision.datasets import ImageFolder\nd = ImageFolder(args.data, tf)\n"
JOINED = "import os\nimport pandas as pd\npath = os.path.join(HERE, 'd.csv')\npd.read_csv(path)\n"
OPTION = (
    "import argparse, pandas\np = argparse.ArgumentParser()\np.add_argument('--d'{})\nargs = p.parse_args()\n"
    "model.fit(pandas.read_csv(args.d))\n"
)
URL = "https://raw.githubusercontent.com/ada/data/main/d.csv"


class DataIsVersioned(Check):
    """Every dataset has a version

    A model can be made again only from the data it was made of. A name or a URL without a version may give other
    data tomorrow, and nobody will notice.

    Fix: put the data under DVC (`dvc add data/raw.csv`, or `dvc import-url https://… data/raw.csv`), or pin what is
    fetched: `load_dataset("glue", "cola", revision="<commit>")`, a URL with a commit in it, a checksum.
    """

    weight = 5
    effort = Effort.HOURS
    megabytes: float = threshold(1, "Largest data file that git itself may version, in megabytes.")

    def run(self, data: DataSources, artefacts: Artefacts) -> Iterator[Finding | Evidence | Unknown | NotApplicable]:
        large = [f for f in artefacts.data if f.exceeds(self.megabytes * MEGABYTE) and not is_fixture(f.path)]
        for file in large:
            yield Finding(f"{file.megabytes} of data in git, not versioned as data", file.path)
        for source in data.sources:
            if source.file is None or source.file not in large:
                yield self.judge(source)
        yield from (*data.unread, *artefacts.unread)
        if not (large or data.sources or data.unread or artefacts.unread):
            yield NotApplicable("no data is used")

    def judge(self, source: Source) -> Finding | Evidence | Unknown:
        if source.file and (large := source.file.exceeds(self.megabytes * MEGABYTE)) is None:
            return source.file.unsized
        if source.file and large:
            said = f"{source.name} is {source.file.megabytes} in git, not versioned as data"
            return Finding(said, source.path, source.line)
        if source.pinned_by:
            return Evidence(f"{source.name} is pinned by {source.pinned_by}", source.path, source.line)
        if source.name.endswith("(…)") and READERS.fullmatch(source.name.partition("(")[0]):
            said = f"{source.name} reads what is given from outside and has no version"
            return Finding(said, source.path, source.line)
        if is_url(source.name) or "(" in source.name:
            return Finding(f"{source.name} is fetched without a version or checksum", source.path, source.line)
        return Finding(f"{source.name} is read here, but neither in git nor under DVC", source.path, source.line)

    examples = (
        passes({"d.csv.dvc": POINTER, "t.py": "import pandas as pd\npd.read_csv('d.csv')\n"}, "d.csv is pinned by DVC"),
        passes({"t.py": "from torchvision.datasets import MNIST\nMNIST('d', download=True)\n"}, "checksums of its own"),
        passes({"t.py": "import pandas\npandas.read_csv('data/d.csv')\n", "data/d.csv": "1\n"}, "pinned by git"),
        fails({"t.py": GIVEN}, "torchvision.datasets.ImageFolder(…) reads what is given"),
        passes({"t.py": "def f(p='./d.jsonl'):\n    open(p)\n", "d.jsonl": "1\n"}, "d.jsonl is pinned by git"),
        ignores({"t.py": "open('d.csv', 'w')\nopen('d.csv')\n", "d.csv": "1\n"}, "no data is used"),
        passes({"t.py": JOINED, "d.csv": "1\n"}, "d.csv is pinned by git"),
        passes({"t.py": HUB + ", revision='a1b2c3')\n"}, "revision=a1b2c3"),
        passes({"t.py": f"import pandas\npandas.read_csv('{URL.replace('main', 'a' * 40)}')\n"}, "a fixed version"),
        fails({"t.py": HUB + ")\n"}, "load_dataset(glue) is fetched without"),
        fails({"d.csv.dvc": POINTER, "t.py": HUB + ", revision='main')\n"}, "is fetched without"),
        fails({"t.py": f"import requests\nurl = '{URL}'\nrequests.get(url)\n"}, "d.csv is fetched without"),
        fails({"run.sh": f"# a comment\nexport DATA={URL}\n"}, "d.csv is fetched without"),
        fails({"t.py": "import pandas\npandas.read_csv('../input/d.csv')\n"}, "neither in git nor under DVC"),
        fails(
            {"t.py": 'd = spark.read.format("mongodb").option("collection", "w").load()\n'},
            "load(mongodb w) is fetched",
        ),
        fails({"t.py": JOINED}, "d.csv is read here, but neither in git"),
        ignores({"t.py": f"{JOINED}x.to_csv(os.path.join(OUT, 'd.csv'))\n"}, "no data is used"),
        fails({"t.py": OPTION.format("")}, "pandas.read_csv(…) reads what is given from outside"),
        passes({"t.py": OPTION.format(", default='d.csv'"), "d.csv": "1\n"}, "d.csv is pinned by git"),
        ignores({"t.py": OPTION.format("").replace("fit", "predict")}, "no data is used"),
        ignores({"t.py": OPTION.format(""), "dvc.yaml": "stages: {a: {cmd: python t.py --d d}}\n"}, "no data is used"),
        fails({"data/d.csv": "0" * 3000}, "0.003 MB of data in git", megabytes=0.002),
        ignores({"t.py": f"import requests\n# {URL}\nrequests.get('https://api.github.com/x')\n"}, "no data is used"),
        fails({"t.py": "import wandb\nd = wandb.run.use_artifact('a:latest')\n"}, "is fetched without a version"),
        ignores({"t.py": "import wandb\na = wandb.Artifact('a')\nwandb.run.use_artifact(a)\n"}, "no data is used"),
        ignores({"t.py": "import pandas\nd.to_csv('a.csv')\npandas.read_csv('a.csv')\n"}, "no data is used"),
    )
