from collections.abc import Iterator

from apps.audit.check import Check, Effort, Evidence, Finding, ProjectKind, fails, ignores, passes
from apps.audit.facts.training.preprocessors import Preprocessors

SCALE = "from sklearn.preprocessing import StandardScaler\nfrom sklearn.model_selection import train_test_split\n"
BEFORE = f"{SCALE}s = StandardScaler()\nx = s.fit_transform(x)\na, b = train_test_split(x, random_state=1)\n"
FIT = "s = StandardScaler()\na = s.fit_transform(a)\nb = s.transform(b)\n"
AFTER = f"{SCALE}a, b = train_test_split(x, random_state=1)\n{FIT}"


OTHER = f"{SCALE}def f(cfg):\n    x = load(cfg)\n    s = StandardScaler()\n    x = s.fit_transform(x)\n    m.fit(x)\n"


class SamePreprocessing(Check):
    """The test set stays unseen by preprocessing

    A scaler or vectoriser that was fitted on all rows has seen the test set. The score that follows is too good, and
    the first real data will show it.

    Fix: split first, fit on the training part only, and keep both steps in one pipeline:

        model = make_pipeline(StandardScaler(), LogisticRegression(random_state=seed))
        model.fit(x_train, y_train)
    """

    weight = 3
    effort = Effort.HOURS
    not_for = (ProjectKind.TEMPLATE,)

    def run(self, preprocessors: Preprocessors) -> Iterator[Finding | Evidence]:
        for each in preprocessors:
            if each.leak:
                yield Finding(f"{each.call} {each.leak}", each.path, each.line)
            else:
                yield Evidence(f"{each.call} sees the training data only", each.path, each.line)

    examples = (
        passes({"t.py": AFTER}, "s.fit_transform sees the training data only"),
        passes(
            {"t.py": "from sklearn.pipeline import make_pipeline\nm = make_pipeline(a, b)\nm.fit(x)\n"}, "make_pipeline"
        ),
        passes({"t.py": "from pyspark.ml import Pipeline\nm = Pipeline(stages=[a, b])\nm.fit(x)\n"}, "Pipeline sees"),
        fails({"t.py": BEFORE}, "s.fit_transform is called before the split"),
        fails({"t.py": AFTER.replace("s.transform(b)", "s.fit_transform(x_test)")}, "is fitted on the test set"),
        passes({"t.py": f"{OTHER}    y = load(cfg)\n    a, b = train_test_split(y)\n"}, "s.fit_transform sees"),
        fails({"t.py": f"{OTHER}    y = join(x, cfg)\n    a, b = train_test_split(y)\n"}, "before the split"),
        fails({"t.py": f"{OTHER}    for y in x:\n        a, b = train_test_split(y)\n"}, "before the split"),
        ignores({"t.py": "g = SynthDataGenerator()\ng.fit(x)\n" + SCALE}, "no preprocessor is fitted"),
        ignores(
            {"t.py": "from eli5.sklearn import PermutationImportance as P\np = P(m).fit(x_test)\n"},
            "no preprocessor is fitted",
        ),
        ignores({"t.py": f"{SCALE}x = 1\n"}, "no preprocessor is fitted"),
    )
