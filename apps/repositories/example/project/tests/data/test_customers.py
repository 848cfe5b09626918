"""What must hold for the real table; runs where `dvc pull` was run."""

from pathlib import Path

import pandas as pd
import pytest

TABLE = Path("data/raw.csv")


@pytest.fixture(scope="module")
def customers() -> pd.DataFrame:
    if not TABLE.exists():
        pytest.skip("run dvc pull first")
    return pd.read_csv(TABLE)


def test_every_column_is_there(customers):
    assert {"customer_id", "tenure_months", "contract", "churned"} <= set(customers.columns)


def test_no_customer_twice(customers):
    assert customers["customer_id"].is_unique


def test_tenure_is_in_range(customers):
    assert customers["tenure_months"].between(0, 600).all()
