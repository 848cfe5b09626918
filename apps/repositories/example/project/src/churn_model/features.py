"""Turn customers into numbers."""

from pathlib import Path

import pandas as pd

from churn_model.parameters import parameters

CONTRACTS = {"monthly": 1, "yearly": 12, "two years": 24}


def tenure_bucket(months: pd.Series, buckets: int) -> pd.Series:
    return (months.clip(0, 71) * buckets // 72).astype(int)


def build(customers: pd.DataFrame, buckets: int) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "tenure": tenure_bucket(customers["tenure_months"], buckets),
            "contract_months": customers["contract"].map(CONTRACTS),
            "monthly_charges": customers["monthly_charges"],
            "total_charges": customers["total_charges"],
            "paperless": customers["paperless"].eq("yes").astype(int),
            "churned": customers["churned"].eq("yes").astype(int),
        }
    )


def main() -> None:
    buckets = parameters()["features"]["tenure_buckets"]
    folder = Path("data/features")
    folder.mkdir(exist_ok=True)
    for part in ("train", "test"):
        features = build(pd.read_csv(f"data/{part}.csv"), buckets)
        features.to_parquet(folder / f"{part}.parquet")


if __name__ == "__main__":
    main()
