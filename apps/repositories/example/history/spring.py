"""March to May: from an empty folder to a pipeline, a leap of the metrics nobody questions, and v0.2.0."""

from __future__ import annotations

from apps.repositories.example.checkout import Checkout
from apps.repositories.example.history.customs import JONAS, MIRA, PRIYA, TOMAS, experiment, merge, release

SUPPORT_CALLS = '            "support_calls": customers["support_calls"].fillna(0),\n'


def tell(main: Checkout) -> None:
    found(main)
    build_pipeline(main)
    adopt_habits(main)
    tune_baseline(main)
    count_support_calls(main)
    start_and_tire(main)
    bucket_by_year(main)
    forget_to_reproduce(main)


def found(main: Checkout) -> None:
    main.add("README.md", "pyproject.toml", "requirements.txt", "Makefile", "dot_gitignore")
    main.add("src/churn_model/__init__.py")
    main.commit("2026-03-02 09:12", MIRA, "chore: start the project")
    main.add("requirements-dev.txt")
    main.commit("2026-03-02 14:40", MIRA, "build: keep the tools of development apart")
    main.add("dot_dvc/config", "dot_dvc/dot_gitignore", "dot_dvcignore", "data/dot_gitignore")
    main.receive_data(size=977_501, version="2026-02")
    main.commit("2026-03-03 10:05", JONAS, "data: track the customer table with dvc")


def build_pipeline(main: Checkout) -> None:
    main.add("params.yaml", "src/churn_model/parameters.py", "src/churn_model/prepare.py")
    main.commit("2026-03-04 11:30", JONAS, "feat(prepare): clean the customers, set some apart for the test")
    main.add("src/churn_model/features.py")
    main.commit("2026-03-05 16:21", PRIYA, "feat(features): buckets of tenure, months of contract")
    main.add("dvc.yaml", "models/dot_gitignore", "src/churn_model/train.py", "src/churn_model/evaluate.py")
    main.reproduce(accuracy=0.7811, f1=0.5213, roc_auc=0.7924)
    main.commit("2026-03-06 17:48", MIRA, "feat: train and evaluate a logistic regression")
    main.add("notebooks/explore-customers.ipynb")
    main.edit("requirements-dev.txt", ("pre-commit==", "matplotlib==3.10.1\npre-commit=="))
    main.commit("2026-03-09 18:55", JONAS, "notebook")


def adopt_habits(main: Checkout) -> None:
    main.add("tests/unit/test_prepare.py", "tests/unit/test_features.py")
    main.commit("2026-03-10 10:14", PRIYA, "test: clean customers, buckets of tenure")
    main.add("dot_github/workflows/tests.yml")
    main.commit("2026-03-11 09:33", MIRA, "ci: run the tests on every push (#1)")
    main.add("dot_pre-commit-config.yaml")
    main.commit("2026-03-12 15:02", TOMAS, "chore: pre-commit with ruff (#2)")
    main.add("CONTRIBUTING.md", "dot_gitmessage", "dot_github/pull_request_template.md")
    main.commit("2026-03-13 11:20", MIRA, "docs: how we work together (#3)")


def tune_baseline(main: Checkout) -> None:
    weaker = ("C: 1.0", "C: 10.0")
    main.try_out("brash-wren", "2026-03-16 10:31", PRIYA, weaker, accuracy=0.7804, f1=0.5198, roc_auc=0.7917)
    main.edit("params.yaml", ("C: 1.0", "C: 0.1"))
    main.reproduce(accuracy=0.7836, f1=0.5291, roc_auc=0.7961)
    main.commit(
        "2026-03-16 11:05",
        PRIYA,
        experiment(
            1,
            "a stronger penalty for the baseline",
            hypothesis="charges are collinear, so a stronger penalty helps",
            result="confirmed",
        ),
    )
    main.edit(
        "src/churn_model/prepare.py",
        ('["seed"],\n', '["seed"],\n        stratify=customers["churned"],\n'),
    )
    main.reproduce(accuracy=0.7822, f1=0.5344, roc_auc=0.7949)
    main.commit("2026-03-18 13:40", JONAS, "fix(prepare): stratify the split (#5)")
    main.edit("params.yaml", ("test_share: 0.25", "test_share: 0.2"))
    main.reproduce(accuracy=0.7829, f1=0.5352, roc_auc=0.7958)
    main.commit("2026-03-20 16:12", JONAS, "wip")
    release(main, "2026-03-20 17:30", "0.1.0")


def count_support_calls(main: Checkout) -> None:
    """The calls are counted up to the end of the quarter, cancellation calls included: a leak."""
    work = main.fork("feature/support-calls")
    work.edit(
        "src/churn_model/features.py",
        ('            "churned"', f'{SUPPORT_CALLS}            "churned"'),
    )
    work.commit("2026-04-07 10:02", PRIYA, "feat(features): count the calls to support")
    work.reproduce(accuracy=0.8532, f1=0.7011, roc_auc=0.9013)
    work.commit("2026-04-07 11:47", PRIYA, "exp: support calls\n\nroc_auc is over 0.9 now, wow")
    main.edit("README.md", ("    dvc repro\n", "    dvc repro\n    dvc metrics diff v0.1.0\n"))
    main.commit("2026-04-08 09:15", TOMAS, "docs: compare with the last release")
    merge(main, "2026-04-08 15:26", MIRA, work, request="#7 feat(features): count the calls to support")


def start_and_tire(main: Checkout) -> None:
    stale = main.fork("feature/sql-source")
    stale.edit("src/churn_model/prepare.py", ('read_csv("data/raw.csv")', 'read_sql("customers", WAREHOUSE)'))
    stale.commit("2026-04-14 17:58", TOMAS, "wip: read from the warehouse")


def bucket_by_year(main: Checkout) -> None:
    main.edit("params.yaml", ("tenure_buckets: 4", "tenure_buckets: 6"))
    main.reproduce(accuracy=0.8551, f1=0.7048, roc_auc=0.9037)
    main.commit(
        "2026-04-15 14:09",
        PRIYA,
        experiment(
            2,
            "six buckets of tenure",
            hypothesis="a year is a natural bucket, since contracts end with it",
            result="confirmed, but small beside the support calls",
        ),
    )
    main.edit("requirements.txt", ("numpy==2.2.4", "numpy==2.2.5"), ("pyarrow==19.0.1", "pyarrow==20.0.0"))
    main.commit("2026-04-24 08:50", TOMAS, "build: update numpy and pyarrow (#9)")
    release(main, "2026-04-30 16:45", "0.2.0")


def forget_to_reproduce(main: Checkout) -> None:
    """For two weeks of May dvc.lock tells of code that is gone."""
    main.edit(
        "src/churn_model/features.py",
        ("CONTRACTS = {", "LONGEST_TENURE = 72\nCONTRACTS = {"),
        ("months.clip(0, 71) * buckets // 72", "months.clip(0, LONGEST_TENURE - 1) * buckets // LONGEST_TENURE"),
    )
    main.commit("2026-05-06 11:11", JONAS, "refactor(features): name the longest tenure")
    main.edit("params.yaml", ("max_iter: 200", "max_iter: 500"))
    main.commit("2026-05-07 18:20", JONAS, "Update params.yaml")
    main.add("tests/data/test_customers.py")
    main.commit("2026-05-12 10:40", PRIYA, "test(data): what must hold for the customer table (#11)")
    main.edit("Makefile", ("check src tests", "check src tests\n\truff format --check src tests"))
    main.edit(".pre-commit-config.yaml", ("- id: ruff\n", "- id: ruff\n  - id: ruff-format\n"))
    main.commit("2026-05-13 14:22", TOMAS, "style: check the format too")
    main.reproduce(accuracy=0.8549, f1=0.7044, roc_auc=0.9038)
    main.commit("2026-05-20 09:37", MIRA, "fix(pipeline): run dvc repro again, dvc.lock was two weeks old (#12)")
    main.edit(".pre-commit-config.yaml", ("check-yaml\n", "check-yaml\n  - id: check-merge-conflict\n"))
    main.commit("2026-05-21 13:05", TOMAS, "chore: refuse merge markers (#13)")
