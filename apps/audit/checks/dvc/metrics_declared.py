from collections.abc import Iterator

from apps.audit.check import Check, Effort, Evidence, Finding, Unknown, fails, ignores, passes
from apps.audit.checks.dvc.pipeline_complete import STAGES, PipelineComplete
from apps.audit.facts.documents import Documents
from apps.audit.facts.dvc.graph import Graph
from apps.audit.facts.dvc.stages import Path
from apps.audit.facts.tree import Tree

TRAIN = STAGES.replace("    metrics:\n    - metrics.json: {cache: false}\n", "    outs: [eval]\n")


class MetricsDeclared(Check):
    """The pipeline declares its metrics

    `dvc metrics diff` and every table of experiments show what is declared, and nothing else.

    Fix: write the numbers to a small JSON file, list it in dvc.yaml (`metrics:` of the stage, `metrics.json: {cache:
    false}`) and commit it.
    """

    weight = 3
    effort = Effort.HOURS
    requires = (PipelineComplete,)

    def run(self, graph: Graph, tree: Tree, documents: Documents) -> Iterator[Finding | Evidence | Unknown]:
        found = list(declared(graph))
        problems = list[Finding]()
        for source, metric in found:
            cached = any(out.cached for _, out in graph.writers(metric.path))
            file = tree.get(metric.path)
            document = documents.of(file) if file else None
            if cached:
                yield Evidence(f"{metric.path} is a metric, cached by DVC", source, metric.line)
            elif document is None:
                problems.append(Finding(f"{metric.path} is neither in git nor cached by DVC", source, metric.line))
            elif document.error or not isinstance(document.value, dict):
                problems.append(Finding(f"holds no metrics: {document.error or 'not a mapping'}", metric.path))
            else:
                yield Evidence(f"{metric.path} is a metric, in git", source, metric.line)
        if len(problems) == len(found):
            unknown = graph.dvc.unexpanded
            yield from unknown or problems or [Finding("no metrics are declared", graph.dvc.stages[0].path)]

    examples = (
        passes({"dvc.yaml": STAGES, "metrics.json": '{"auc": 0.9}'}, "metrics.json is a metric, in git"),
        passes({"dvc.yaml": TRAIN + "metrics:\n- eval/m.json\n"}, "eval/m.json is a metric, cached by DVC"),
        fails({"dvc.yaml": TRAIN}, "no metrics are declared"),
        fails({"dvc.yaml": STAGES}, "neither in git nor cached"),
        ignores({"d.dvc": "outs:\n- path: d\n", "t.py": "x = 1\n"}, "needs: dvc/pipeline-complete"),
    )


def declared(graph: Graph) -> Iterator[tuple[str, Path]]:
    """Every metric, with the file that declares it."""
    for pipeline in graph.dvc.pipelines:
        yield from ((pipeline.path, metric) for metric in pipeline.metrics)
    for stage in (*graph.dvc.stages, *graph.dvc.pointers):
        yield from ((stage.path, out) for out in stage.outs if out.kind == "metrics")
