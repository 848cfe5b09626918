import pandas as pd

from churn_model.evaluate import metrics
from churn_model.features import build
from churn_model.train import classifier


def test_a_model_learns_from_built_features(customer_rows, train_settings):
    features = build(pd.DataFrame(customer_rows), buckets=4)
    inputs, truth = features.drop(columns="churned"), features["churned"]
    model = classifier(7, train_settings).fit(inputs, truth)
    result = metrics(truth, model.predict_proba(inputs)[:, 1], 0.5)
    assert result["roc_auc"] > 0.9
