import re
from collections.abc import Iterator

from apps.audit.check import Check, Effort, Evidence, Finding, ProjectKind, Snapshot, fails, ignores, passes
from apps.audit.facts.dvc.graph import Graph
from apps.audit.facts.python.modules import Call, Modules
from apps.audit.facts.training.registries import REGISTERS
from apps.audit.facts.training.training import Training
from apps.audit.regex import regex

GTO = regex(r"[\w./-]+(@v?\d+\.\d+\.\d+(#\d+)?|#[\w-]+(#\d+)?)")
VERSION = regex(r"v?\d+\.\d+(\.\d+)?([-.]?\w+)?")
MODEL = regex(r"(^|[/_.-])models?([/_.-]|$)|\.(pkl|joblib|pt|pth|onnx|h5|keras|safetensors|ckpt)$", re.IGNORECASE)
SERVICES = regex(r"(mlflow|wandb|azureml|azure|bentoml|google|aiplatform|comet_ml|neptune|huggingface_hub)\.")
DATA = regex(r"data|tokeni[sz]er|corpus|distiset", re.IGNORECASE)
TRAIN = "import mlflow\nmodel.fit(x)\n"
OUT = "stages:\n  train:\n    cmd: python t.py\n    outs: [models/m.pkl]\n"


class ModelRegistered(Check):
    """Versions of the model are recorded

    A prediction that surprises somebody has to be traced to the model that made it, and that to its run.

    Fix: register each model that is used: `mlflow.register_model(uri, "churn")`, an artifact of W&B, or a tag that GTO
    makes: `gto register churn --version v1.2.0`.
    """

    weight = 1
    effort = Effort.HOURS
    not_for = (ProjectKind.TEMPLATE, ProjectKind.LIBRARY)

    def run(
        self, snapshot: Snapshot, training: Training, modules: Modules, graph: Graph | None
    ) -> Iterator[Finding | Evidence]:
        found = [Evidence(f"tag {tag.name}") for tag in snapshot.tags if GTO.fullmatch(tag.name)]
        versions = [tag.name for tag in snapshot.tags if VERSION.fullmatch(tag.name)]
        outs = [(stage, out) for stage in graph.dvc.stages for out in stage.outs] if graph else []
        models = [(stage, out) for stage, out in outs if MODEL.search(out.path)]
        if versions and models:
            stage, out = models[0]
            found.append(Evidence(f"{out.path} of DVC with the tag {versions[-1]}", stage.path, out.line))
        # A function of the project's own makes an architecture known by its name; what registers a model is inside it.
        own = {each.name for module in modules for each in module.functions} & {"register_model"}
        for module in modules:
            for call in module.calls:
                if registers(call) and not (call.name.rpartition(".")[2] in own and not SERVICES.match(call.name)):
                    found.append(Evidence(f"registered by {call.name}", module.path, call.line))
        yield from found[:20]
        if not found:
            first = training.calls[0]
            yield Finding("models are trained, and nothing records their versions", first.path, first.line)

    examples = (
        passes({"t.py": f"{TRAIN}mlflow.register_model(uri, 'm')\n"}, "registered by mlflow.register_model"),
        passes({"t.py": f"{TRAIN}mlflow.sklearn.log_model(m, registered_model_name='m')\n"}, "registered by"),
        passes({"t.py": f"{TRAIN}run.link_artifact(a, 'registry/m')\n"}, "registered by run.link_artifact"),
        fails(
            {"t.py": f"{TRAIN}def register_model(c):\n    pass\n@register_model('a')\nclass A: ...\n"},
            "nothing records",
        ),
        fails(
            {"t.py": TRAIN, "net.py": "from timm.models import register_model\nregister_model(f)\n"}, "nothing records"
        ),
        fails({"t.py": f"{TRAIN}dataset.push_to_hub('a/b')\n"}, "nothing records their versions"),
        fails({"t.py": f"{TRAIN}mlflow.sklearn.log_model(m, 'model')\n"}, "nothing records their versions"),
        fails({"t.py": TRAIN, "dvc.yaml": OUT}, "nothing records their versions"),
        ignores({"a.py": "x = 1\n"}, "no code that trains a model"),
    )


def registers(call: Call) -> bool:
    if call.name == "wandb.Artifact":
        return "model" in (call.keywords.get("type"), *call.args[1:2])
    if DATA.search(call.name.rpartition(".")[0]) or call.name.startswith("timm."):
        return False
    named = call.keywords.get("registered_model_name") is not None
    return bool(REGISTERS.fullmatch(call.name)) or named or call.keywords.get("push_to_hub") is True
