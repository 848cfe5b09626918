"""Where the code takes data from, and what pins it."""

from __future__ import annotations

import pytest

from apps.audit.facts import Facts
from apps.audit.facts.data.data_sources import DataSources
from apps.audit.snapshot import File
from apps.audit.sources import from_memory

SHA = "0123456789abcdef0123456789abcdef01234567"
POINTER = "outs:\n- {path: raw, md5: 22a1a2931c8370d3aeedd7183606fd7f.dir}\n"
LFS = "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n"


def sources(files: dict[str, str]) -> dict[str, str]:
    """Pin by name of every source."""
    fact = Facts(from_memory(files)).get(DataSources)
    assert fact
    return {source.name: source.pinned_by for source in fact.sources}


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("from torchvision import datasets as d\nd.CIFAR10('x')\nd.FakeData()", "checksums of its own"),
        ("from tensorflow import keras\nkeras.datasets.mnist.load_data()", "checksums of its own"),
        ("from sklearn.datasets import fetch_20newsgroups as f\nf()", "checksums of its own"),
        ("from sklearn.datasets import fetch_openml\nfetch_openml('adult')", ""),
        ("from sklearn.datasets import fetch_openml\nfetch_openml('adult', version=2)", "version=2"),
        ("from sklearn.datasets import fetch_openml\nfetch_openml('adult', version='active')", ""),
        ("import datasets\ndatasets.load_dataset('x', revision='main')", ""),
        ("import datasets\ndatasets.load_dataset('x', revision=REVISION)", "its revision"),
        ("import datasets\ndatasets.load_dataset('x', revision=None)", ""),
        ("from keras.src.utils.file_utils import get_file\nget_file('d.npz', file_hash='f5')", "file_hash=f5"),
        (
            "import keras, numpy\ndef load(path='d.npz'):\n    path = keras.utils.get_file(path, file_hash='f5')\n"
            "    numpy.load(path)",
            "file_hash=f5",
        ),
        ("import kagglehub\nkagglehub.dataset_download('a/b/versions/3')", "versions/3 in its name"),
        ("import wandb\nwandb.init().use_artifact('set:latest')", ""),
        ("import wandb\nwandb.init().use_artifact('set:v2')", "v2 in its name"),
        ("import pooch\npooch.retrieve('https://h.org/d.zip', known_hash='sha256:1')", "known_hash=sha256:1"),
        ("import pandas as pd\npd.read_csv('https://h.org/d.csv')", ""),
        (f"import pandas as pd\npd.read_csv('https://h.org/{SHA}/d.csv')", "a fixed version in its URL"),
        ("import pandas as pd\npd.read_csv('https://zenodo.org/records/1/files/d.csv')", "a fixed version in its URL"),
        ("import pandas as pd\npd.read_parquet('lakefs://r/c/d.parquet')", "a version in lakeFS"),
        (
            "import hashlib, requests\nu = 'https://h.org/d.zip'\nr = requests.get(u)\nhashlib.md5(r)",
            "a checksum in the code",
        ),
        ("import pandas as pd\npd.read_csv('../data/raw/x.csv')", "DVC"),
        ("import pandas as pd\npd.read_csv('big.csv')", "Git LFS"),
        ("import numpy as np\nnp.load('/home/ada/project/data/raw')", "DVC"),
        ("import datasets\ndatasets.load_dataset('csv', data_files={'train': 'big.csv'})", "Git LFS"),
        ("import pandas as pd\nPATH = 'gone.csv'\npd.read_csv(PATH)", ""),
        ("import pandas as pd\npd.read_csv(ROOT / 'train.csv')", ""),
        ("import os, pandas as pd\np = os.path.join(root(), 'train.csv')\npd.read_csv(p)", ""),
        ("import pandas as pd\npd.read_csv(f'{root}/train.csv')", ""),
        ("import pandas as pd\npd.read_sql('select * from t', c)", ""),
        ("import pandas_gbq\npandas_gbq.read_gbq('select * from t for system_time as of x')", "a version in its query"),
        ("import apache_beam as beam\nbeam.io.ReadFromBigQuery(query=args['query'])", ""),
        ("from tfx.v1.extensions import google_cloud_big_query as q\nq.BigQueryExampleGen(query=asked())", ""),
        ("spark.table('db.t')", ""),
        ("spark.sql('SELECT * FROM t VERSION AS OF 3')", "a version in its query"),
        ("spark.read.format('jdbc').option('dbtable', 't').load()", ""),
        ("spark.read.format('delta').option('versionAsOf', 3).table('t')", "versionAsOf=3"),
        ("spark.read.option('header', True).csv('big.csv')", "Git LFS"),
        ("import torch\ntext = open('input.txt').read()", ""),
        ("import requests\ndef get(to, url):\n    requests.get(url)\nget('d', 'https://h.org/d.zip')", ""),
        (
            "import kagglehub\ndef load(to='data/raw'):\n    kagglehub.dataset_download('a/b')",
            "DVC, which holds where it is put",
        ),
        (
            "import gdown, shutil\ndef load():\n    p = gdown.download('https://h.org/d.zip')\n"
            "    shutil.move(p, 'data/raw/x')",
            "DVC, which holds where it is put",
        ),
        ("import pandas as pd\nd = pd.read_csv(\n    'https://h.org/d.csv'\n)", ""),
    ],
)
def test_what_pins_a_source(code: str, expected: str) -> None:
    found = sources({"src/t.py": code, "data/raw.dvc": POINTER, "big.csv": LFS})
    found.pop("data/raw")
    assert list(found.values()) == [expected]


@pytest.mark.parametrize(
    "code",
    [
        "from sklearn.datasets import make_moons\nmake_moons()",
        "import wandb\nwandb.init().use_artifact(path, type='model')",
        "import wandb\ndef promote_model(path):\n    wandb.init().use_artifact(path)",
        "d.createOrReplaceTempView('t')\nspark.sql('SELECT * FROM t')",
        "spark.sql('DROP TABLE t')",
        "import torch\nopen('out.txt', 'w')\nopen('classes.txt')\nopen(path)",
        "open('input.txt')",
        "import numpy as np\nnp.save('made', x)\nnp.load('made.npy')",
        "import requests\nrequests.get('https://api.h.org/users')",
        "import requests\nrequests.get('http://localhost:8000/d.csv')",
        "'''https://h.org/d.csv'''\n# https://h.org/d.csv",
        "import pandas as pd\npd.read_csv(path)\npd.read_csv(f'{a}.csv')\npd.read_csv('*.csv')",
        "import pandas as pd\nd.to_csv('x/made.csv')\npd.read_csv('made.csv')",
        "import pandas as pd\nOUT = 'x/made.csv'\nd.to_csv(OUT)\npd.read_csv('made.csv')",
        "import pandas as pd\npd.read_csv('out/predictions.csv')",
        "import pandas as pd\npd.read_parquet('../outputs/samples.parquet')",
    ],
)
def test_what_is_no_source(code: str) -> None:
    assert not sources({"t.py": code})


def test_tests_use_no_data_of_the_project() -> None:
    assert not sources({"tests/test_t.py": "import pandas as pd\npd.read_csv('https://h.org/d.csv')"})


def test_a_constant_of_another_module() -> None:
    files = {
        "config.py": "DATA_URL = 'https://h.org/d.csv'",
        "t.py": "import pandas, config\npandas.read_csv(config.DATA_URL)",
    }
    assert sources(files) == {"https://h.org/d.csv": ""}


def test_what_a_stage_fetches_is_pinned_by_its_output() -> None:
    lock = "stages:\n  get:\n    cmd: python get.py\n    outs:\n    - {path: d.csv, hash: md5, md5: aaaa}\n"
    files = {
        "get.py": "import requests\nrequests.get('https://h.org/d.csv')",
        "dvc.yaml": "stages:\n  get: {cmd: python get.py, deps: [get.py], outs: [d.csv]}\n",
        "dvc.lock": lock,
    }
    assert sources(files) == {"d.csv": "DVC", "https://h.org/d.csv": "DVC, as the output of its stage"}


def test_a_file_in_git_comes_with_its_size() -> None:
    fact = Facts(from_memory({"t.py": "import pandas\npandas.read_csv('d/x.csv')", "d/x.csv": "1,2"})).get(DataSources)
    assert fact
    (source,) = fact.sources
    assert isinstance(source.file, File)
    assert source.file.size == 3


def test_counts_are_zero_without_dvc() -> None:
    fact = Facts(from_memory({"t.py": ""})).get(DataSources)
    assert fact
    assert fact.measures() == {"dvc.stages": 0, "dvc.pointers": 0, "dvc.megabytes": 0}


@pytest.mark.parametrize(
    "path", ["tests/a.py", "test_a.py", "src/a_test.py", "conftest.py", "load_test/a.py", "locustfile.py", "a.py"]
)
def test_what_tests_read_is_no_data_of_the_project(path: str) -> None:
    read = {path: "import pandas as pd\npd.read_csv('https://h.org/d.csv')\n"}
    assert bool(sources(read)) is (path == "a.py")


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("pd.read_csv(cfg.data.path)", {"data/raw/x.csv": ""}),
        ("pd.read_csv(self.cfg.data.path)", {"data/raw/x.csv": ""}),
        ("pd.read_csv(cfg.source.table)", {"https://h.org/d.csv": ""}),
        ("pd.read_csv(cfg.out.path)\ndf.to_csv(cfg.out.path)", {}),
        ("pd.read_csv(cfg.made)", {}),
        ("pd.read_csv(row.data.path)", {}),
    ],
)
def test_what_configuration_names_is_read(code: str, expected: dict[str, str]) -> None:
    files = {
        "conf/main.yaml": "data: {path: data/raw/x.csv}\nout: {path: data/y.csv}\nmade: ${data.path}\n",
        "conf/source/web.yaml": "table: https://h.org/d.csv\n",
    }
    assert sources({"t.py": f"import pandas as pd\n{code}\n"} | files) == expected
