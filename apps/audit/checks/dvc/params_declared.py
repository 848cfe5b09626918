from collections.abc import Iterator

from apps.audit.check import Check, Effort, Evidence, Finding, Unknown, fails, ignores, passes
from apps.audit.checks.dvc.pipeline_complete import STAGES, PipelineComplete
from apps.audit.facts.dvc.pipelines import Dvc, Pipeline
from apps.audit.facts.dvc.stages import Parameter, Path
from apps.audit.facts.dvc.templates import templates
from apps.audit.regex import regex

FILE = regex(r"(^|/)(hyper|h)?param(eter)?s?[^/]*\.(ya?ml|json|toml|py)$|(^|/)conf(ig)?s?[^/]*\.(ya?ml|json|toml)$")


class ParamsDeclared(Check):
    """Stages read their parameters from a file

    A parameter that DVC knows is one that it compares, records and changes: `dvc exp run -S train.lr=0.01`.

    Fix: move the numbers from the code to params.yaml and name them in the stage: `params: [train.lr, train.epochs]`.
    """

    weight = 2
    effort = Effort.HOURS
    requires = (PipelineComplete,)

    def run(self, dvc: Dvc) -> Iterator[Finding | Evidence | Unknown]:
        found = False
        for stage in dvc.stages:
            files: list[Path | Parameter] = [*stage.params, *(dep for dep in stage.deps if FILE.search(dep.path))]
            for each in files[:1]:
                found = True
                yield Evidence(f"{stage.name} reads {each.path}", stage.path, each.line)
        for pipeline in dvc.pipelines:
            if pipeline.files_of_values and any(
                name for name in pipeline.document.table("stages") if filled(pipeline, name)
            ):
                found = True
                yield Evidence(f"its templates read {pipeline.files_of_values[0]}", pipeline.path)
        if not found:
            names = ", ".join(stage.name for stage in dvc.stages[:5])
            yield from dvc.unexpanded or (Finding(f"no stage reads parameters: {names}", dvc.stages[0].path),)

    examples = (
        passes({"dvc.yaml": STAGES + "    params: [lr]\n", "params.yaml": "lr: 1\n"}, "evaluate reads params.yaml"),
        passes({"dvc.yaml": STAGES.replace("train.py\n", "train.py ${lr}\n"), "params.yaml": "lr: 1\n"}, "templates"),
        fails({"dvc.yaml": STAGES, "params.yaml": "lr: 1\n"}, "no stage reads parameters"),
        ignores({"d.dvc": "outs:\n- path: d\n", "t.py": "x = 1\n"}, "needs: dvc/pipeline-complete"),
    )


def filled(pipeline: Pipeline, name: str) -> bool:
    """Whether a stage's definition holds a template."""
    waiting = [pipeline.document.get("stages", name)]
    while waiting:
        value = waiting.pop()
        if isinstance(value, str) and next(templates(value), None):
            return True
        waiting += value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return False
