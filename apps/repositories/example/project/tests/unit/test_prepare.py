import pandas as pd

from churn_model.prepare import clean


def customers(**columns) -> pd.DataFrame:
    row = {"customer_id": [1], "total_charges": ["10.5"], "churned": ["no"]}
    return pd.DataFrame(row | columns)


def test_charges_become_numbers():
    assert clean(customers())["total_charges"].tolist() == [10.5]


def test_customers_without_charges_are_left_out():
    assert clean(customers(total_charges=[" "])).empty


def test_a_customer_counts_once():
    twice = pd.concat([customers(), customers()])
    assert len(clean(twice)) == 1
