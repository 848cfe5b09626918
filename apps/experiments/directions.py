"""Whether more of a metric is better: guessed from its name, unless somebody has said it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

LOWER = re.compile(
    r"loss|err(or)?s?\b|mae|mse|rmsle|mape|smape|wape|perplexity|\bppl|\b[wc]er\b|\bfid\b|\b(ece|eer)\b|brier"
    r"|deviance|nll|entropy|latency|duration|seconds|\b(run|wall)?times?\b|distance|divergence|regret|\bbias\b"
    r"|misclass|\bfp[rn]?\b|\bfn[rp]?\b|false_|memory|\bsize|\bcost",
    re.IGNORECASE,
)
# Where a run is, not how good it is.
COUNTERS = re.compile(r"(^|[._/])(global_?)?(steps?|epochs?|iter(ation)?s?|fold|seed|n|count|num_\w+)$", re.IGNORECASE)
QUALITY = re.compile(
    r"auc|acc|f1|f_?beta|precision|recall|\bap\b|\bmap\b|dice|iou|jaccard|bleu|rouge|r2|mcc|kappa|ndcg|score|rmse|mae|mse"
    r"|loss|perplexity|wer",
    re.IGNORECASE,
)


def guess_lower(metric: str) -> bool:
    """Whether a lower value of the metric is better, by its name."""
    words = re.sub(r"[_.:/-]+", " ", metric)
    return bool(LOWER.search(words) or LOWER.search(metric))


def is_counter(metric: str) -> bool:
    """Whether it says how far a run is, and not how good."""
    return bool(COUNTERS.search(metric))


def lower_is_better(metric: str, said: Mapping[str, bool]) -> bool:
    return said.get(metric, guess_lower(metric))


def headline(metrics: Iterable[str]) -> str:
    """The metric to show first, of those given with the most frequent first; empty where there is none."""
    names = list(metrics)
    telling = [name for name in names if not is_counter(name)]
    return next((name for name in telling if QUALITY.search(name)), (telling or names or [""])[0])
