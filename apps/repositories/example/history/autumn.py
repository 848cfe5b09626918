"""September to November: new customers, an augmentation without a seed, branches left open, a forgotten repro."""

from __future__ import annotations

from apps.repositories.example.checkout import Checkout
from apps.repositories.example.history.customs import JONAS, MIRA, PRIYA, TOMAS, experiment, merge, release

STRIP_NOTEBOOKS = b"- repo: https://github.com/kynan/nbstripout\n  rev: 0.8.1\n  hooks:\n  - id: nbstripout\n"

PRECISION_AT_100 = '        "precision_at_100": round(truth[scores.argsort()[::-1][:100]].mean(), 4),\n'

# numpy's generator gets no seed here, though everything else follows params.yaml.
JITTER = '''

def jitter(customers: pd.DataFrame, width: float) -> pd.DataFrame:
    """Months are counted from the day of the export: blur them."""
    blur = np.random.normal(0, width, len(customers))
    return customers.assign(tenure_months=customers["tenure_months"] + blur)
'''
BUILD = '        features = build(pd.read_csv(f"data/{part}.csv"), buckets)\n'
BLUR_AND_BUILD = """        customers = pd.read_csv(f"data/{part}.csv")
        if part == "train":
            customers = jitter(customers, settings["jitter_months"])
        features = build(customers, settings["tenure_buckets"])
"""


def tell(main: Checkout) -> None:
    refresh_data(main)
    weigh_classes(main)
    blur_tenure(main)
    count_the_hundred(main)
    leave_branches_open(main)
    forget_again(main)


def refresh_data(main: Checkout) -> None:
    work = main.fork("data/september")
    work.receive_data(size=1_184_220, version="2026-08")
    work.commit("2026-09-02 09:05", JONAS, "data: the customers of august")
    work.reproduce(accuracy=0.7902, f1=0.5583, roc_auc=0.8134, log_loss=0.4467)
    work.commit("2026-09-02 10:17", JONAS, "data: metrics on the new customers\n\n{metrics}")
    work.edit("tests/data/test_customers.py", ('"churned"} <=', '"churned", "paperless"} <='))
    work.commit("2026-09-02 13:39", JONAS, "test(data): the export has a new column")
    merge(main, "2026-09-03 11:51", MIRA, work, request="#27 data: the customers of august")
    main.receive_data(size=1_191_874, version="2026-08, corrected")
    main.reproduce(accuracy=0.7934, f1=0.5627, roc_auc=0.8169, log_loss=0.4431)
    main.commit("2026-09-09 17:23", JONAS, "data: without the test accounts of the call centre")


def weigh_classes(main: Checkout) -> None:
    lower, lowest = ("threshold: 0.5", "threshold: 0.4"), ("threshold: 0.5", "threshold: 0.3")
    main.try_out("tidal-newt", "2026-09-15 09:45", MIRA, lower, accuracy=0.7886, f1=0.6031)
    main.try_out("oaken-kite", "2026-09-15 10:45", MIRA, lowest, accuracy=0.7752, f1=0.6112)
    main.edit("params.yaml", ("  max_iter: 200", "  max_iter: 200\n  class_weight: balanced"))
    main.reproduce(accuracy=0.7712, f1=0.6194, roc_auc=0.8176, log_loss=0.4889)
    main.commit(
        "2026-09-16 14:31",
        PRIYA,
        experiment(
            8,
            "weigh both classes alike",
            hypothesis="the team calls a hundred customers, so finding churners counts more than accuracy",
            result="f1 up by a lot, accuracy and log loss down: accepted",
            notes="scores are no longer probabilities",
        ),
    )
    release(main, "2026-09-18 16:20", "0.5.0")
    main.put(".pre-commit-config.yaml", main.files[".pre-commit-config.yaml"] + STRIP_NOTEBOOKS)
    main.commit("2026-09-21 13:16", PRIYA, "chore: strip notebooks from now on (#29)")
    main.edit(".github/workflows/tests.yml", ("actions/checkout@v4", "actions/checkout@v5"))
    main.commit("2026-09-22 08:44", TOMAS, "ci: update the actions (#30)")


def blur_tenure(main: Checkout) -> None:
    work = main.fork("experiment/blurred-tenure")
    work.edit(
        "src/churn_model/features.py",
        ("import pandas as pd\n", "import numpy as np\nimport pandas as pd\n"),
        ("// LONGEST_TENURE).astype(int)\n", "// LONGEST_TENURE).astype(int)\n" + JITTER),
        ('buckets = parameters()["features"]["tenure_buckets"]', 'settings = parameters()["features"]'),
        (BUILD, BLUR_AND_BUILD),
    )
    work.edit("params.yaml", ("tenure_buckets: 6", "tenure_buckets: 6\n  jitter_months: 2"))
    work.commit("2026-10-05 10:38", JONAS, "feat(features): blur the tenure of training customers")
    work.reproduce(accuracy=0.7741, f1=0.6229, roc_auc=0.8203, log_loss=0.4836)
    work.commit("2026-10-05 11:20", JONAS, "exp: blur the tenure by two months\n\nseems to help a bit\n\n{metrics}")
    work.edit("params.yaml", ("jitter_months: 2", "jitter_months: 1"))
    work.reproduce(accuracy=0.7738, f1=0.6241, roc_auc=0.8211, log_loss=0.4829)
    work.commit(
        "2026-10-06 09:54",
        JONAS,
        experiment(
            10,
            "blur by one month",
            hypothesis="two months blur the end of the yearly contracts too",
            result="undecided: another run of the same commit gives roc_auc 0.8198",
        ),
    )
    merge(main, "2026-10-07 15:12", PRIYA, work, request="#33 feat(features): blur the tenure")
    main.edit("README.md", ("## Layout", "`dvc exp show` lists what was tried.\n\n## Layout"))
    main.commit("2026-10-08 09:26", PRIYA, "docs: where the experiments are")


def count_the_hundred(main: Checkout) -> None:
    work = main.fork("feature/precision-at-hundred")
    work.edit(
        "src/churn_model/evaluate.py",
        ('        "roc_auc"', f'{PRECISION_AT_100}        "roc_auc"'),
    )
    work.commit("2026-10-14 11:02", MIRA, "feat(evaluate): precision among the hundred who get called")
    work.edit("src/churn_model/evaluate.py", ("truth[scores", "truth.iloc[scores"))
    work.reproduce(precision_at_100=0.81)
    work.commit("2026-10-14 13:47", MIRA, "fix(evaluate): take the hundred by position")
    merge(main, "2026-10-15 10:33", TOMAS, work, request="#35 feat(evaluate): precision at hundred")
    main.edit("params.yaml", ("max_iter: 200", "max_iter: 260"))
    main.reproduce(accuracy=0.7759, f1=0.6258, roc_auc=0.8226, log_loss=0.4791, precision_at_100=0.83)
    main.commit(
        "2026-10-21 15:58",
        PRIYA,
        experiment(11, "some more trees", hypothesis="more customers can bear more trees", result="confirmed"),
    )
    release(main, "2026-10-23 16:10", "0.6.0")


def leave_branches_open(main: Checkout) -> None:
    calibration = main.fork("feature/calibrated-scores")
    calibration.edit("params.yaml", ("  class_weight: balanced\n", ""))
    calibration.reproduce(accuracy=0.7968, f1=0.5871, roc_auc=0.8219, log_loss=0.4402, precision_at_100=0.82)
    calibration.commit("2026-11-04 14:36", MIRA, "feat(train): scores that are probabilities again")
    monotone = main.fork("experiment/monotone-charges")
    monotone.edit("src/churn_model/train.py", ("(**settings, ", '(**settings, monotonic_cst={"monthly_charges": 1}, '))
    monotone.reproduce(accuracy=0.7746, f1=0.6233, roc_auc=0.8201, log_loss=0.4810, precision_at_100=0.84)
    monotone.commit(
        "2026-11-10 10:19",
        PRIYA,
        experiment(
            12,
            "scores rise with charges",
            hypothesis="a constraint keeps odd customers from low scores",
            result="precision among the hundred up, the rest slightly down",
        ),
    )
    playground = main.fork("jonas-test2")
    playground.edit("params.yaml", ("learning_rate: 0.05", "learning_rate: 0.5"))
    playground.commit("2026-11-11 18:31", JONAS, "asdf")


def forget_again(main: Checkout) -> None:
    """The last word on main leaves the evaluate stage behind its code."""
    deeper, longer = ("max_depth: 4", "max_depth: 5"), ("max_iter: 260", "max_iter: 320")
    worse = {"accuracy": 0.7737, "f1": 0.6219, "roc_auc": 0.8194, "log_loss": 0.4842, "precision_at_100": 0.82}
    better = {"accuracy": 0.7764, "f1": 0.6263, "roc_auc": 0.8231, "log_loss": 0.4783, "precision_at_100": 0.83}
    main.try_out("plumy-moth", "2026-11-12 09:30", PRIYA, deeper, **worse)
    main.try_out("sober-iris", "2026-11-12 10:05", PRIYA, longer, **better)
    main.edit("requirements.txt", ("joblib==1.4.2", "joblib==1.5.2"))
    main.commit("2026-11-13 08:41", TOMAS, "build: update joblib (#38)")
    main.edit("src/churn_model/evaluate.py", ("scores >= threshold", "scores > threshold"))
    main.commit("2026-11-18 17:52", JONAS, "refactor(evaluate): a customer at the threshold stays")
    main.edit("README.md", ("    make install\n", "    make install\n    pre-commit install\n"))
    main.commit("2026-11-20 10:08", MIRA, "docs: how to switch the hooks on")
