import re
from collections.abc import Iterator, Sequence
from typing import Any

from apps.audit.check import Check, Effort, Evidence, Finding, ProjectKind, fails, ignores, passes
from apps.audit.facts.python.modules import Call, Modules
from apps.audit.facts.training.tracking import Tracking
from apps.audit.facts.training.training import Training
from apps.audit.facts.tree import is_test
from apps.audit.regex import regex

LIBRARIES = regex(
    r"(sklearn\.metrics|torchmetrics|keras\.metrics|tensorflow\.keras\.metrics|seqeval|torcheval\.metrics|sacrebleu|rouge"
    r"|lightning\.pytorch\.metrics|pytorch_lightning\.metrics|nltk\.translate|jiwer|pycocotools|ragas|imblearn\.metrics"
    r"|timm\.utils\.(accuracy|metrics)|mmeval|detectron2\.evaluation|properscoring|torch\.nn\.functional\.(mse|l1)_loss)\b.*"
    r"|(evaluate|datasets)\.(load|load_metric)|(torchmetrics|sklearn)\.\w+\.\w*(score|loss|error|metric)\w*"
    r"|(.*\.)?cross_val(_score|idate)|pyspark\.ml(lib)?\.evaluation\.\w+|tensorflow\.metrics\.\w+"
)
# Names of metrics that an estimator or `compile` is given, and data on which boosting libraries compute theirs; what
# logs or saves is given values.
NAMED = {"metrics", "scoring", "eval_metric", "compute_metrics", "valid_sets", "eval_set", "evals"}
KEEPS = regex(r"(.*\.)?_?(log|write|save|print|report|send|publish|update|store|render|plot|push)_?\w*", re.IGNORECASE)
WRITES = regex(
    r"(self|wandb|run|live|logger|accelerator|fabric|trainer|writer)\.(\w+\.)*log|"
    r"(.*\.)?(log_metrics?|log_dict|log_scalar|add_scalars?|log_evaluation|save_dict"
    r"|write_(event|metrics?|scores?|results?|summary|summaries|logs?)|make_summary|log_sklearn_plot|report_scalar|save_metrics)"
)
# These write anything: metrics, where something here computes them or is named after them.
WRITES_ANYTHING = regex(r"(.*\.)?(to_csv|to_json|json\.dump|yaml\.dump|next_step|write_text)")
METRIC = regex(r"(^|[\W_])(metric|score|result|report|evaluation)s?([\W_]|$)", re.IGNORECASE)
RESULTS = regex(r"(.*[/_-])?(metrics?|scores?|results?|evaluation)([_-].*)?\.\w+", re.IGNORECASE)
SCORED = "from sklearn.metrics import f1_score\nmodel.fit(x)\nf = f1_score(y, p)\n"


class MetricsDefined(Check):
    """Metrics are computed by a library and kept

    A metric written by hand has its own idea of averages and ties, and one that is only printed is gone tomorrow.

    Fix: take the metric from a library, and write it to a file or to the tracker:

        metrics = {"f1": f1_score(labels, predictions, average="macro")}
        Path("metrics.json").write_text(json.dumps(metrics))
    """

    weight = 2
    effort = Effort.HOURS
    not_for = (ProjectKind.TEMPLATE, ProjectKind.LIBRARY)

    def run(self, training: Training, modules: Modules, tracking: Tracking) -> Iterator[Finding | Evidence]:
        computed, written = list[Evidence](), list[Evidence]()
        for module in modules:
            if is_test(module.path):
                continue
            here = [call for call in module.calls if computes(call)]
            computed += [Evidence(f"computed by {call.name}", module.path, call.line) for call in here]
            kept = [call for call in module.calls if writes(call, bool(here))]
            written += [Evidence(f"written by {call.name}", module.path, call.line) for call in kept]
        first = training.calls[0]
        if not computed:
            yield Finding("no metric of a named library is computed", first.path, first.line)
        elif not written and not tracking.records:
            yield Finding("metrics are computed and written nowhere", computed[0].path, computed[0].line)
        yield from (*computed[:15], *written[:5])

    examples = (
        passes(
            {"t.py": f"{SCORED}import mlflow\nmlflow.log_metric('f1', f)\n"}, "computed by sklearn.metrics.f1_score"
        ),
        passes({"t.py": f"{SCORED}write_event(log, f=f)\n"}, "written by write_event"),
        passes({"t.py": f"{SCORED}import json\njson.dump(f, h)\n"}, "written by json.dump"),
        passes({"t.py": f"{SCORED}with open('metrics.txt', 'w') as h:\n    h.write(str(f))\n"}, "written by open"),
        fails({"t.py": f"{SCORED}open('metrics.txt', 'r').read()\n"}, "written nowhere"),
        fails({"t.py": f"{SCORED}print(f)\n"}, "metrics are computed and written nowhere"),
        passes(
            {"t.py": "import xgboost, mlflow\nxgboost.train(p, d, evals=e)\nmlflow.log_metric('a', 1)\n"}, "xgboost"
        ),
        fails({"t.py": "model.fit(x)\nacc = (p == y).mean()\n"}, "no metric of a named library"),
        fails({"t.py": f"{SCORED}print(f)\n", "make.py": "x.to_csv('data/x.csv')\n"}, "computed and written nowhere"),
        passes({"t.py": f"{SCORED}keep(f)\n", "k.py": "metrics.to_csv('a.csv')\n"}, "written by metrics.to_csv"),
        fails({"t.py": "model.fit(x)\nlog_to_server(metrics=m)\n"}, "no metric of a named library"),
        ignores({"a.py": "x = 1\n"}, "no code that trains a model"),
    )


def computes(call: Call) -> bool:
    return bool(LIBRARIES.fullmatch(call.name) or (NAMED & call.keywords.keys() and not KEEPS.fullmatch(call.name)))


def writes(call: Call, computed_here: bool) -> bool:
    if WRITES_ANYTHING.fullmatch(call.name):
        values = [each.get("name", "") if isinstance(each, dict) else each for each in call.args]
        return computed_here or any(METRIC.search(str(each)) for each in (call.name.rpartition(".")[0], *values))
    return bool(WRITES.fullmatch(call.name)) or opens_results(call.name, call.args[:2])


def opens_results(name: str, args: Sequence[Any]) -> bool:
    """Whether a call opens a file that is named after metrics, to write it."""
    path, mode = (str(each) for each in (*args, "", "")[:2])
    return name == "open" and mode[:1] in {"w", "a", "x"} and bool(RESULTS.fullmatch(path))
