import re
from collections.abc import Iterator

from apps.audit.check import Check, Effort, Evidence, Finding, NotApplicable, ProjectKind, fails, ignores, passes
from apps.audit.facts.automation.tasks import Tasks
from apps.audit.facts.packages.metadata import Metadata
from apps.audit.facts.python.modules import Modules
from apps.audit.facts.training.evaluation import judging_calls
from apps.audit.facts.training.starts import Start, is_script, starts
from apps.audit.facts.training.training import Training
from apps.audit.regex import regex

TRAINS = regex(r"(^|[^a-z])((re|pre)?train(ing|er)?|fit|fine[-_]?tun(e|ing)|tune|tuning)([^a-z]|$)")
EVALUATES = regex(
    r"(^|[^a-z])(evaluat(e|ions?|or)|evals?|scor(e|ing)|benchmarks?|metrics|validat(e|ion)|backtest(s|ing)?)([^a-z]|$)"
)
MAIN = "from engine import evaluate, fit_model\nif __name__ == '__main__':\n    fit_model(m)\n    evaluate(m)\n"


class EntryPoints(Check):
    """Training and evaluation can be started by name

    When the way to train is a cell in a notebook or a line in someone's shell history, nobody else can repeat it, and
    no scheduler can run it.

    Fix: give each a script, a stage or a target, and name them in the README:
        train:
            python src/train.py
        evaluate:
            python src/evaluate.py
    """

    weight = 2
    effort = Effort.HOURS
    not_for = (ProjectKind.LIBRARY, ProjectKind.TEMPLATE)

    def run(
        self, modules: Modules, training: Training | None, metadata: Metadata, tasks: Tasks
    ) -> Iterator[Finding | Evidence | NotApplicable]:
        if training is None:
            yield NotApplicable(Training.absent)
            return
        named = list(starts(modules, metadata, tasks))
        trains = [Evidence(f"{each.call} runs in a script", each.path, each.line) for each in training.scripts]
        trains += [Evidence(f"{each.what} {each.name}", each.path, each.line) for each in matching(named, TRAINS)]
        judges = [Evidence(f"{each.what} {each.name}", each.path, each.line) for each in matching(named, EVALUATES)]
        scripts = [(module, call) for module in modules if is_script(module) for call in judging_calls(module)[:1]]
        judges += [Evidence(f"{call.name} judges the model in a script", m.path, call.line) for m, call in scripts]
        yield from trains
        yield from judges
        if not trains:
            first = training.calls[0]
            yield Finding(f"{first.call} trains here, and nothing starts it by name", first.path, first.line)
        if not judges:
            yield Finding("no script, command, stage or target evaluates the model", training.calls[0].path)

    examples = (
        passes({"src/train.py": "model.fit(x)\n", "src/evaluate.py": "print(1)\n"}, "runs in a script"),
        passes({"train.py": "model.fit(x)\nmodel.evaluate(y)\n"}, "model.evaluate"),
        passes({"train.py": "m.fit(x)\nm.evaluate(y)\n"}, "m.evaluate judges the model"),
        passes({"main.py": MAIN, "engine.py": "def fit_model(m):\n    loss.backward()\n"}, "engine.evaluate"),
        passes(
            {
                "run.py": "def go():\n    model.fit(x)\n",
                "dvc.yaml": "stages:\n  train:\n    cmd: x\n  evaluate:\n    cmd: x\n",
            },
            "dvc target train",
        ),
        passes({"train.py": "model.fit(x)\n", "Makefile": "all:\n\tpython -m churn evaluate\n"}, "which runs evaluate"),
        fails({"train.py": "model.fit(x)\n", "Makefile": "all:\n\tgit add evaluate\n"}, "evaluates the model"),
        fails({"train.py": "model.fit(x)\n", "evaluator.py": "class Evaluator:\n    x = 1\n"}, "evaluates the model"),
        fails({"train.py": "model.fit(x)\n"}, "evaluates the model"),
        fails({"train.py": "model.fit(x)\n", "metrics.py": "def f1(): ...\n"}, "evaluates the model"),
        fails({"train.py": "model.fit(x)\n", "metrics.py": "NAMES = ['f1']\n"}, "evaluates the model"),
        fails({"lib.py": "def go():\n    model.fit(x)\n", "evaluate.py": "print(1)\n"}, "nothing starts it"),
        ignores({"app.py": "print(1)\n"}, "no code that trains"),
    )


def matching(named: list[Start], pattern: re.Pattern[str]) -> list[Start]:
    return [each for each in named if pattern.search(each.name.lower())]
