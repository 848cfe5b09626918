"""Train the classifier."""

import joblib
import pandas as pd
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from churn_model.parameters import parameters


def classifier(seed: int, settings: dict):
    return make_pipeline(
        StandardScaler(),
        LogisticRegression(C=settings["C"], max_iter=settings["max_iter"], random_state=seed),
    )


def main() -> None:
    params = parameters()
    customers = pd.read_parquet("data/features/train.parquet")
    model = classifier(params["seed"], params["train"])
    model.fit(customers.drop(columns="churned"), customers["churned"])
    joblib.dump(model, "models/churn.joblib")


if __name__ == "__main__":
    main()
