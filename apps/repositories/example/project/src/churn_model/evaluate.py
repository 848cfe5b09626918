"""Measure the model on customers it has never seen."""

import json
from pathlib import Path

import joblib
import pandas as pd
from sklearn.metrics import accuracy_score, f1_score, roc_auc_score

from churn_model.parameters import parameters


def metrics(truth: pd.Series, scores: pd.Series, threshold: float) -> dict[str, float]:
    churners = scores >= threshold
    return {
        "accuracy": round(accuracy_score(truth, churners), 4),
        "f1": round(f1_score(truth, churners), 4),
        "roc_auc": round(roc_auc_score(truth, scores), 4),
    }


def main() -> None:
    customers = pd.read_parquet("data/features/test.parquet")
    model = joblib.load("models/churn.joblib")
    scores = model.predict_proba(customers.drop(columns="churned"))[:, 1]
    result = metrics(customers["churned"], scores, parameters()["evaluate"]["threshold"])
    Path("metrics.json").write_text(json.dumps(result, indent=4) + "\n")


if __name__ == "__main__":
    main()
