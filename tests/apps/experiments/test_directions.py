"""Whether more is better, told by a metric's name, and which metric tells most."""

from __future__ import annotations

import pytest

from apps.experiments.directions import guess_lower, headline, lower_is_better


@pytest.mark.parametrize(
    "metric",
    [
        "loss",
        "val_loss",
        "train.logloss",
        "rmse",
        "test.MAE",
        "log_loss",
        "mean_squared_error",
        "error",
        "errors",
        "wer",
        "cer",
        "fid",
        "perplexity",
        "ece",
        "eer",
        "latency_ms",
        "inference.time",
        "runtime",
        "fit_times",
        "model_size",
        "brier_score",
        "fpr",
        "nll",
        "false_positives",
        "metrics.json:loss",
        "val/loss",
        "kl_divergence",
        "eval-loss",
    ],
)
def test_less_of_it_is_better(metric: str) -> None:
    assert guess_lower(metric)


@pytest.mark.parametrize(
    "metric",
    [
        "auc",
        "accuracy",
        "f1",
        "f1_macro",
        "precision",
        "recall",
        "tpr",
        "r2",
        "map",
        "mAP@0.5",
        "bleu",
        "answered",
        "dice",
        "iou",
        "roc_auc",
        "silhouette",
        "lower",
        "score",
        "timeline_score",
        "explained_variance",
        "sharpe",
    ],
)
def test_more_of_it_is_better(metric: str) -> None:
    assert not guess_lower(metric)


def test_what_somebody_said_counts_more_than_a_name() -> None:
    assert not lower_is_better("loss", {"loss": False})
    assert lower_is_better("auc", {"auc": True, "loss": False})
    assert lower_is_better("loss", {"auc": True})


@pytest.mark.parametrize(
    ("metrics", "first"),
    [
        ([], ""),
        (["step"], "step"),
        (["epoch", "n_rows", "auc"], "auc"),
        (["train.step", "runtime", "val_loss"], "val_loss"),
        (["rows", "columns"], "rows"),
        (["count", "rows"], "rows"),
    ],
)
def test_the_metric_that_tells_most_is_shown_first(metrics: list[str], first: str) -> None:
    assert headline(metrics) == first
