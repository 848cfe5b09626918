import re
from collections.abc import Iterator

from apps.audit.check import Check, Effort, Evidence, Finding, NotApplicable, fails, ignores, passes
from apps.audit.facts.messages import Messages
from apps.audit.facts.python.modules import Modules
from apps.audit.facts.training.tracking import Tracking
from apps.audit.facts.tree import Tree
from apps.audit.regex import regex

PARTS = {
    "the hypothesis": regex(
        r"hypothes|\bexpect|\bassum|\bbecause\b|\bshould\b|\b(see|test|check|find out|try) (if|whether)\b",
        re.IGNORECASE,
    ),
    "the result": regex(
        r"\bresults?\b|\boutcome|\bconclu|\bfound\b|\bimprov|\bworse|\bbetter|\bno (change|gain|effect|difference)"
        r"|\b(confirm|reject|refut)ed\b|\b(rose|fell|dropped|gained|gains?)\b|->|→",
        re.IGNORECASE,
    ),
    "metrics": regex(
        r"(\bmetrics?\b|accuracy|\bacc\b|\bf1\b|\bauc\b|roc|precision|recall|\bloss\b|perplexity|\bppl\b|\bbleu\b|rouge"
        r"|\brmse\b|\bmae\b|\bmse\b|\br2\b|\bmap\b|\biou\b|\bmcc\b|latency|throughput)[^\n]{0,60}\d",
        re.IGNORECASE,
    ),
}
TRACKERS = ("mlflow", "wandb", "dvclive", "tensorboard", "tensorboardX", "comet_ml", "neptune", "aim", "clearml")


class ExperimentCommits(Check):
    """Experiments are on record in the history

    An `exp:` commit that says what was expected and what came out saves the next person from running it again.

    Fix: give each experiment's commit a body:
        exp(churn): deeper trees

        Hypothesis: depth 12 catches interactions of tenure and plan.
        Result: rejected, validation recall fell.
        Metrics: recall 0.71 (was 0.74), auc 0.88 (was 0.88)
    """

    weight = 3
    effort = Effort.MINUTES

    def run(
        self, messages: Messages, tree: Tree, modules: Modules | None, tracking: Tracking
    ) -> Iterator[Finding | Evidence | NotApplicable]:
        experiments = [each.commit for each in messages.messages if each.type == "exp"]
        for commit in experiments:
            named = f"{commit.id[:10]} “{commit.subject[:60]}”"
            if missing := [part for part, pattern in PARTS.items() if not pattern.search(commit.message)]:
                yield Finding(f"{named} does not state {' or '.join(missing)}")
            else:
                yield Evidence(f"{named} states hypothesis, result and metrics")
        if not experiments:
            places = [name for name in TRACKERS if modules and name in modules.packages]
            places += [path for path in ("dvc.lock", "dvc.yaml") if path in tree][:1]
            places = places or [record.what for record in tracking.records[:1]]
            instead = f"experiments are recorded with {', '.join(places)}" if places else "nor a tracker of experiments"
            yield NotApplicable(f"no exp: commit; {instead}")

    examples = (
        passes(
            {},
            "states hypothesis, result and metrics",
            history=("exp: deeper trees\n\nHypothesis: more depth helps.\nResult: it does.\nMetrics: recall 0.74",),
        ),
        fails({}, "does not state the hypothesis or the result or metrics", history=("exp: deeper trees",)),
        fails({}, "does not state metrics", history=("exp: lr\n\nHypothesis: lower is better.\nResult: no change.",)),
        ignores({"train.py": "import mlflow\n"}, "no exp: commit; experiments are recorded with mlflow"),
        ignores({"t.py": "from google.cloud import aiplatform\naiplatform.log_params(p)\n"}, "with google.cloud"),
        ignores({"train.py": ""}, "no exp: commit; nor a tracker of experiments"),
    )
