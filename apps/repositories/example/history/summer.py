"""June to August: the leak is found and the metrics fall, boosting brings some of it back, a model slips into git."""

from __future__ import annotations

import pickle

from apps.repositories.example.checkout import Checkout
from apps.repositories.example.history.customs import JONAS, MIRA, PRIYA, TOMAS, experiment, merge, release
from apps.repositories.example.history.spring import SUPPORT_CALLS


def tell(main: Checkout) -> None:
    mend_leak(main)
    boost(main)
    tune_boosting(main)
    ship_a_model_by_mistake(main)
    join_the_parts(main)
    go_too_deep(main)


def mend_leak(main: Checkout) -> None:
    work = main.fork("fix/support-call-leak")
    work.edit("src/churn_model/features.py", (SUPPORT_CALLS, ""))
    message = "fix(features): leave the support calls out\n\nThey include the call that cancels."
    work.commit("2026-06-02 11:19", MIRA, message)
    work.reproduce(accuracy=0.7893, f1=0.5467, roc_auc=0.8052)
    work.commit("2026-06-02 11:58", MIRA, "fix(pipeline): metrics without the leak\n\n{metrics}")
    merge(main, "2026-06-03 09:08", PRIYA, work, request="#15 fix(features): a target leak")
    main.edit("README.md", ("## Layout", "Results before v0.2.1 knew the future and cannot be compared.\n\n## Layout"))
    main.commit("2026-06-03 10:30", MIRA, "docs: say which results to distrust (#16)")
    release(main, "2026-06-03 16:00", "0.2.1")


LINEAR = """    return make_pipeline(
        StandardScaler(),
        LogisticRegression(C=settings["C"], max_iter=settings["max_iter"], random_state=seed),
    )
"""
BOOSTED = "    return HistGradientBoostingClassifier(**settings, random_state=seed)\n"


def boost(main: Checkout) -> None:
    work = main.fork("experiment/gradient-boosting")
    work.edit(
        "src/churn_model/train.py",
        ("linear_model import LogisticRegression", "ensemble import HistGradientBoostingClassifier"),
        ("from sklearn.pipeline import make_pipeline\n", ""),
        ("from sklearn.preprocessing import StandardScaler\n", ""),
        (LINEAR, BOOSTED),
    )
    work.edit("params.yaml", ("  C: 0.1\n  max_iter: 500", "  max_depth: 3\n  learning_rate: 0.1\n  max_iter: 100"))
    work.reproduce(accuracy=0.8027, f1=0.5716, roc_auc=0.8249)
    work.commit(
        "2026-06-10 15:34",
        PRIYA,
        experiment(
            3,
            "gradient boosting instead of a linear model",
            hypothesis="tenure and contract act together, which a linear model cannot see",
            result="confirmed",
        ),
    )
    work.edit("params.yaml", ("max_iter: 100", "max_iter: 200"))
    work.reproduce(accuracy=0.8063, f1=0.5817, roc_auc=0.8312)
    twice = experiment(4, "twice the trees", hypothesis="the loss still falls at 100 trees", result="confirmed")
    work.commit("2026-06-11 10:03", PRIYA, twice)
    main.edit("Makefile", ("\tpytest", "\tpytest -q"))
    main.commit("2026-06-11 17:02", TOMAS, "chore: less noise from the tests")
    merge(main, "2026-06-12 13:44", MIRA, work, request="#18 feat(train): gradient boosting")


def tune_boosting(main: Checkout) -> None:
    rates = {
        "lanky-hoof": ("0.05", 0.8079, 0.5868, 0.8341),
        "stoic-lark": ("0.02", 0.8058, 0.5790, 0.8306),
        "young-dhal": ("0.2", 0.8011, 0.5722, 0.8233),
    }
    for hour, (name, (rate, accuracy, f1, roc_auc)) in enumerate(rates.items(), 9):
        change = ("learning_rate: 0.1", f"learning_rate: {rate}")
        date = f"2026-06-17 {hour:02}:20"
        main.try_out(name, date, PRIYA, change, accuracy=accuracy, f1=f1, roc_auc=roc_auc)
    main.edit("params.yaml", ("learning_rate: 0.1", "learning_rate: 0.05"))
    main.reproduce(accuracy=0.8079, f1=0.5868, roc_auc=0.8341)
    main.commit(
        "2026-06-18 10:12",
        PRIYA,
        experiment(
            5,
            "learn slower",
            hypothesis="with 200 trees a smaller step generalises better",
            result="confirmed",
            notes="the best of three, lanky-hoof; 0.02 would need more trees",
        ),
    )
    main.edit(
        "src/churn_model/evaluate.py",
        ("accuracy_score, f1_score, roc_auc_score", "accuracy_score, f1_score, log_loss, roc_auc_score"),
        ('        "roc_auc"', '        "log_loss": round(log_loss(truth, scores), 4),\n        "roc_auc"'),
    )
    main.reproduce(log_loss=0.4263)
    main.commit("2026-06-24 14:50", JONAS, "feat(evaluate): log loss (#20)")
    release(main, "2026-06-30 16:30", "0.3.0")


def ship_a_model_by_mistake(main: Checkout) -> None:
    weights = {"coef": [0.417, -1.203, 0.338, -0.615, 0.204], "intercept": -1.127, "classes": ["no", "yes"]}
    main.put("models/churn-demo.pkl", pickle.dumps(weights, protocol=4))
    main.commit("2026-07-03 18:47", JONAS, "model for the demo on monday")
    main.edit(".gitignore", (".env\n", ".env\n*.log\n"))
    main.commit("2026-07-06 09:20", JONAS, "fix stuff")


def join_the_parts(main: Checkout) -> None:
    work = main.fork("feature/integration-test")
    work.add("tests/integration/conftest.py", "tests/integration/test_train_on_features.py")
    work.commit("2026-07-08 11:25", TOMAS, "test: train on built features")
    work.edit("tests/integration/test_train_on_features.py", ('result["roc_auc"] > 0.9', 'result["roc_auc"] > 0.95'))
    work.commit("2026-07-08 14:13", TOMAS, "test: the toy customers are easy, ask for more")
    merge(main, "2026-07-09 10:55", PRIYA, work, request="#22 test: train on built features")
    main.edit("requirements.txt", ("pandas==2.2.3", "pandas==2.3.1"), ("scikit-learn==1.6.1", "scikit-learn==1.7.0"))
    main.reproduce(accuracy=0.8081, f1=0.5871, roc_auc=0.8343, log_loss=0.4261)
    main.commit("2026-07-14 13:31", TOMAS, "build: update pandas and scikit-learn (#23)")
    main.edit("pyproject.toml", ("line-length = 100", 'line-length = 100\nlint.extend-select = ["I"]'))
    main.commit("2026-07-15 09:48", TOMAS, "style: sort the imports (#24)")
    more = "check-json\n  - id: check-toml\n  - id: check-yaml\n  - id: detect-private-key\n"
    main.edit(".pre-commit-config.yaml", ("check-yaml\n", more))
    main.commit("2026-07-16 10:30", TOMAS, "chore: more hooks (#25)")


def go_too_deep(main: Checkout) -> None:
    main.edit("params.yaml", ("max_depth: 3", "max_depth: 8"))
    main.reproduce(accuracy=0.7988, f1=0.5699, roc_auc=0.8207, log_loss=0.4518)
    main.commit(
        "2026-07-22 15:16",
        PRIYA,
        experiment(
            6,
            "deeper trees",
            hypothesis="more interactions wait below depth 3",
            result="refuted: every metric is worse, it overfits",
        ),
    )
    main.edit("params.yaml", ("max_depth: 8", "max_depth: 4"))
    main.reproduce(accuracy=0.8096, f1=0.5907, roc_auc=0.8371, log_loss=0.4239)
    main.commit(
        "2026-07-23 10:27",
        PRIYA,
        experiment(
            7,
            "one level deeper, not five",
            hypothesis="depth 4 is enough for contract, tenure and charges together",
            result="confirmed",
        ),
    )
    main.edit("README.md", ("| `notebooks`", "| `models` | the trained model, tracked by DVC |\n| `notebooks`"))
    main.commit("2026-08-04 08:58", MIRA, "docs: where the model is")
    release(main, "2026-08-05 16:00", "0.4.0")
    main.edit(".dvc/config", ("eu-central-1\n", "eu-central-1\n    listobjects = true\n"))
    main.commit("2026-08-19 11:42", TOMAS, "fix(dvc): the bucket has moved behind another gateway")
