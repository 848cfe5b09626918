import re
from collections.abc import Iterator

from apps.audit.check import (
    Check,
    Effort,
    Evidence,
    Finding,
    NotApplicable,
    ProjectKind,
    Unknown,
    fails,
    ignores,
    passes,
)
from apps.audit.facts.documents import Document, Documents
from apps.audit.facts.packages.environment import Environment
from apps.audit.facts.project import Project
from apps.audit.facts.prose import Prose
from apps.audit.facts.tree import Tree, is_template, is_vendored
from apps.audit.facts.yaml import SEPARATOR
from apps.audit.regex import regex

NAMED = regex(
    r"\b(GPUs?|gpus?|CUDA|cuda|cuDNN|TPUs?|CPUs?|vCPUs?|VRAM|Apple Silicon|Tesla [A-Z]\d+|[RG]TX ?\w*\d+"
    r"|(\d+ ?[xX] ?)?(A100|A10G?|A40|A6000|H[12]00|V100|T4|L40?S?|P100|K80)(?![\w-]))\b"
)
KEY = regex(
    r"(instance|machine|accelerator|node|vm|gpu|head_node|worker_node)[-_]?(type|size|count)s?(_id)?"
    r"|instanceType|gpus?|num_gpus|accelerators?|nvidia\.com/gpu|hardware|compute_target|processing_unit",
    re.IGNORECASE,
)
# Shares of a machine that a deployment asks for, and below what: Kubernetes, Compose, Ray, SageMaker.
CORES = regex(r"(v?cpus?|cores|num_cpus|cpu_count)", re.IGNORECASE)
ASKED = {"resources", "requests", "limits", "reservations", "deploy", "services", "ray_actor_options"}
ENVIRONMENT = regex(r"[A-Z0-9_]*(CORES|CPUS|GPUS)")
PROCESSOR = regex(r"cuda|nvidia|rocm|[-:_][cg]pu", re.IGNORECASE)


class Hardware(Check):
    """The hardware is documented

    Whether a run fits into memory, how long it takes, and which kernels it uses depend on the machine. Who wants to
    repeat the result must know which one it was.

    Fix: name it in the README, with the driver that matters:
        Trained on one NVIDIA A100 (40 GB), CUDA 12.1, about 3 hours. Inference runs on CPU.
    """

    weight = 1
    effort = Effort.MINUTES
    not_for = (ProjectKind.TEMPLATE,)

    def run(
        self, prose: Prose, environment: Environment, tree: Tree, documents: Documents, project: Project
    ) -> Iterator[Finding | Evidence | Unknown | NotApplicable]:
        found = [
            Evidence(f"names {match[0]}", document.path, number)
            for document in prose
            for number, line in enumerate(document.lines, 1)
            if (match := NAMED.search(re.sub(r"\(?https?://\S+", "", line)))
        ]
        found += [
            Evidence(f"built on {image.name}", image.path, image.line)
            for image in environment.images
            if PROCESSOR.search(image.name)
        ]
        for file in tree.ending(".yaml", ".yml"):
            if not is_template(file.path) and not is_vendored(file.path):
                found += deployed(documents.of(file))
        if not found and project.idle:
            yield NotApplicable(project.idle)
        else:
            absent = Finding("no README, image or deployment names a GPU or CPU")
            yield from found[:20] or prose.unread or (absent,)

    examples = (
        passes({"README.md": "# GPT\n\nTrains on one 8XA100 40GB node.\n"}, "names 8XA100"),
        passes({"deploy/cluster.yaml": "head_node_type:\n  instance_type: g5.4xlarge\n"}, "instance_type: g5.4xlarge"),
        passes({"Dockerfile": "FROM nvidia/cuda:12.1.0-base-ubuntu22.04\n"}, "built on nvidia/cuda"),
        passes(
            {"k8s.yaml": "spec:\n  containers:\n  - resources: {requests: {cpu: 0.25, memory: 1Gi}}\n", "a.py": ""},
            "cpu: 0.25",
        ),
        passes(
            {"docker-compose.yml": "services:\n  spark:\n    environment:\n    - SPARK_WORKER_CORES=2\n", "a.py": ""},
            "SPARK_WORKER_CORES: 2",
        ),
        fails({"settings.yaml": "pool:\n  cores: 2\n", "a.py": ""}, "names a GPU or CPU"),
        ignores({"setup.py": "setup(name='a')\n", "a/__init__.py": "import click\n"}, "neither trains nor computes"),
        fails({"README.md": "# Churn\n\nSee https://example.org/gpu for more.\n", "a.py": ""}, "names a GPU or CPU"),
        ignores({"README.md": "Data.\n", "raw.csv.dvc": "outs: []\n"}, "no Python code"),
        fails({"train.py": "# needs a GPU\nx = 1\n"}, "names a GPU or CPU"),
    )


def deployed(document: Document) -> Iterator[Evidence]:
    """Entries that say which machine, or how much of one, is asked for."""
    for place, line in document.lines.items():
        *around, key = place.split(SEPARATOR)
        named = around[-1:] == ["environment"]
        if not (named or KEY.fullmatch(key) or (CORES.fullmatch(key) and not ASKED.isdisjoint(around))):
            continue
        value = document.get(*(int(each) if each.isdigit() else each for each in (*around, key)))
        if key.isdigit():
            key, _, value = str(value).partition("=")
        plain = isinstance(value, (str, int, float)) and not isinstance(value, bool)
        if plain and (not named or ENVIRONMENT.fullmatch(key)):
            yield Evidence(f"{key}: {value}", document.path, line)
