from collections.abc import Iterator
from typing import Any

from apps.audit.check import Check, Effort, Evidence, Finding, Unknown, fails, ignores, passes
from apps.audit.facts.python.modules import Call, Expression, Module, Modules
from apps.audit.facts.python.origins import Origins

PICKLES = ("pickle", "cPickle", "_pickle", "six.moves.cPickle", "dill", "cloudpickle", "joblib")
LOADERS = {f"{package}.{function}" for package in PICKLES for function in ("load", "loads")}
# Those of Ultralytics ask for whole models unless told otherwise.
TORCH = {"torch.load", "ultralytics.utils.patches.torch_load"}
YAML_LOADERS = {"yaml.load", "yaml.load_all", "yaml.unsafe_load", "yaml.full_load"}
SAFE_YAML = {"yaml.SafeLoader", "yaml.CSafeLoader", "yaml.BaseLoader", "yaml.CBaseLoader"}


class UnsafeLoading(Check):
    """Files are loaded without running what is in them

    Unpickling runs whatever code the file carries, so a model from the hub, or a path that somebody typed, can take
    over the machine that loads it. YAML without a safe loader can do the same.

    Fix: load weights only, and prefer formats that hold nothing but data:
        torch.load(path, weights_only=True)
        safetensors.torch.load_file(path)
        yaml.safe_load(stream)
    """

    weight = 2
    effort = Effort.HOURS

    def run(self, modules: Modules) -> Iterator[Finding | Evidence | Unknown]:
        loads = 0
        for module in modules:
            if module.error and not module.is_notebook:
                yield Unknown(f"does not parse: {module.error}", module.path)
            for call in module.calls:
                if is_load(call, module):
                    loads += 1
                    yield judge(call, module)
        yield from modules.unread
        if not loads:
            yield Evidence(
                f"no torch.load, pickle.load, joblib.load or unsafe yaml.load in {len(modules.modules)} files",
                next((module.path for module in modules), ""),
            )

    examples = (
        passes({"train.py": "import torch\ntorch.load('a.pt', weights_only=True)\n"}, "loads weights only"),
        passes(
            {"train.py": "import pickle\nwith open('a.pkl', 'rb') as f:\n    pickle.load(f)\n"}, "a path of its own"
        ),
        passes(
            {"train.py": "import yaml, sys\nyaml.load(open(sys.argv[1]), Loader=yaml.SafeLoader)\n"}, "no torch.load"
        ),
        passes({"train.py": "# torch.load(x)\ntext = 'torch.load(x)'\n"}, "in 1 files"),
        fails({"train.py": "from torch import load\nmodel = load('a.pt')\n"}, "torch.load without weights_only=True"),
        fails(
            {"a.py": "import torch\nk = {'f': 'a.pt'}\nm = torch.load(**k)\n"},
            "torch.load without weights_only=True",
        ),
        passes({"a.py": "import torch\nk = {'weights_only': True}\nm = torch.load('a', **k)\n"}, "loads weights only"),
        fails(
            {"train.py": "import torch\ntorch.load('a.pt', weights_only=False)\n"}, "torch.load with weights_only=False"
        ),
        fails(
            {"train.py": "import pickle, sys\npath = sys.argv[1]\nwith open(path, 'rb') as f:\n    pickle.load(f)\n"},
            "pickle.load of a command-line argument",
        ),
        fails(
            {
                "app.py": "import joblib\nfrom huggingface_hub import hf_hub_download\n\n"
                "def load(name):\n    file = hf_hub_download(name, 'm.joblib')\n    return joblib.load(file)\n"
            },
            "joblib.load of a download",
        ),
        fails(
            {"app.py": "import argparse, yaml\na = argparse.ArgumentParser().parse_args()\nyaml.load(open(a.path))\n"},
            "yaml.load without a safe loader of a command-line argument",
        ),
        ignores({"README.md": ""}, "no Python code"),
    )


def is_load(call: Call, module: Module) -> bool:
    """Whether a call loads what can carry code; `yaml` may also be a variable that holds a loader of ruamel.yaml."""
    if call.name in YAML_LOADERS:
        loader = call.keywords.get("Loader", call.args[1] if len(call.args) > 1 else None)
        safe = isinstance(loader, dict) and loader.get("name") in SAFE_YAML
        return not safe and "yaml" in module.packages and not any(each.target == "yaml" for each in module.assignments)
    return call.name in TORCH or call.name in LOADERS


def judge(call: Call, module: Module) -> Finding | Evidence | Unknown:
    if call.name in TORCH:
        weights_only = call.keywords.get("weights_only")
        if "weights_only" not in call.keywords and "**" in call.keywords:
            spread = entries_of(call.keywords["**"], call, module)
            if spread is None:
                return Unknown(f"line {call.line}: torch.load gets arguments that are not seen", module.path)
            weights_only = spread.get("weights_only")
        if weights_only is None:
            return Finding("torch.load without weights_only=True", module.path, call.line)
        if weights_only is False:
            return Finding("torch.load with weights_only=False", module.path, call.line)
        return Evidence("torch.load loads weights only", module.path, call.line)
    given = [*call.args[:1], *(call.keywords[name] for name in ("file", "filename", "stream") if name in call.keywords)]
    what = f"{call.name} without a safe loader" if call.name in YAML_LOADERS else call.name
    if origin := Origins(module).of(given, call):
        return Finding(f"{what} of {origin}", module.path, call.line)
    return Evidence(f"{what} of a path of its own", module.path, call.line)


def entries_of(spread: Expression, call: Call, module: Module) -> dict[str, Any] | None:
    """What a dictionary of the same function or of the module hands on; None where it is none that is seen."""
    name = spread.get("name") if isinstance(spread, dict) else None
    values = [each.value for each in module.assignments if each.target == name and each.scope in {call.scope, ""}]
    known = [value["dict"] for value in values if isinstance(value, dict) and "dict" in value]
    return {key: each for entries in known for key, each in entries.items()} if known else None
