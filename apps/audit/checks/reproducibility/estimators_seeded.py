from collections.abc import Iterator

from apps.audit.check import Check, Effort, Evidence, Finding, ProjectKind, fails, ignores, passes
from apps.audit.facts.training.estimators import Estimators

FOREST = "from sklearn.ensemble import RandomForestClassifier\n"


class EstimatorsSeeded(Check):
    """Estimators get a random state

    Forests, boosting and many linear models draw at random while they are fitted. Without `random_state` the same data
    give another model each time.

    Fix: pass the seed of the configuration to each: `RandomForestClassifier(random_state=params["seed"])`.
    """

    weight = 2
    effort = Effort.MINUTES
    not_for = (ProjectKind.TEMPLATE,)

    def run(self, estimators: Estimators) -> Iterator[Finding | Evidence]:
        for each in estimators:
            if each.missing:
                yield Finding(f"{each.name}: {each.missing}", each.path, each.line)
            else:
                yield Evidence(f"{each.name} gets {each.seed}", each.path, each.line)

    examples = (
        passes({"t.py": f"{FOREST}m = RandomForestClassifier(random_state=7)\n"}, "gets random_state"),
        passes({"t.py": f"{FOREST}P = {{'random_state': 7}}\nm = RandomForestClassifier(**P)\n"}, "random_state in P"),
        passes({"t.py": "import xgboost as xgb\nm = xgb.XGBClassifier(seed=7)\n"}, "XGBClassifier gets seed"),
        passes(
            {"t.py": "from sklearn.linear_model import ElasticNet\nm = ElasticNet(random_state=7)\n"},
            "ElasticNet gets random_state",
        ),
        ignores({"t.py": "from sklearn.linear_model import ElasticNet\nm = ElasticNet()\n"}, "no estimator"),
        fails({"t.py": f"{FOREST}m = RandomForestClassifier()\n"}, "RandomForestClassifier: no random_state"),
        fails({"t.py": f"{FOREST}def f(**p):\n    return RandomForestClassifier(**p)\n"}, "no random_state in **p"),
        fails({"t.py": f"{FOREST}m = RandomForestClassifier(random_state=None)\n"}, "RandomForestClassifier: "),
        ignores(
            {"t.py": "from sklearn.linear_model import LinearRegression\nm = LinearRegression()\n"}, "no estimator"
        ),
    )
