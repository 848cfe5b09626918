import pytest
import yaml


@pytest.fixture
def customer_rows() -> list[dict]:
    def customer(tenure: int, churned: str) -> dict:
        return {
            "tenure_months": tenure,
            "contract": "monthly" if churned == "yes" else "yearly",
            "monthly_charges": 40.0,
            "total_charges": 40.0 * tenure,
            "paperless": "yes",
            "churned": churned,
            "support_calls": 2,
        }

    stayed = [customer(months, "no") for months in range(30, 70)]
    return stayed + [customer(months, "yes") for months in range(40)]


@pytest.fixture
def train_settings() -> dict:
    with open("params.yaml") as file:
        return yaml.safe_load(file)["train"]
