"""Clean the customer table and set the test customers apart."""

import pandas as pd
from sklearn.model_selection import train_test_split

from churn_model.parameters import parameters


def clean(customers: pd.DataFrame) -> pd.DataFrame:
    customers = customers.drop_duplicates("customer_id")
    customers["total_charges"] = pd.to_numeric(customers["total_charges"], errors="coerce")
    return customers.dropna(subset=["total_charges", "churned"])


def main() -> None:
    params = parameters()
    customers = clean(pd.read_csv("data/raw.csv"))
    train, test = train_test_split(
        customers,
        test_size=params["prepare"]["test_share"],
        random_state=params["seed"],
    )
    train.to_csv("data/train.csv", index=False)
    test.to_csv("data/test.csv", index=False)


if __name__ == "__main__":
    main()
