import pandas as pd
import pytest

from churn_model.features import tenure_bucket


@pytest.mark.parametrize(("months", "bucket"), [(0, 0), (17, 0), (18, 1), (71, 3), (500, 3)])
def test_tenure_falls_into_equal_buckets(months, bucket):
    assert tenure_bucket(pd.Series([months]), 4).tolist() == [bucket]


def test_negative_tenure_counts_as_new():
    assert tenure_bucket(pd.Series([-3]), 4).tolist() == [0]
