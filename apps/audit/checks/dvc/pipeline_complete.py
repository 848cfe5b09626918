from collections.abc import Iterator

from apps.audit.check import Check, Effort, Evidence, Finding, NotApplicable, Unknown, fails, ignores, passes
from apps.audit.facts.dvc.graph import Graph
from apps.audit.facts.dvc.pipelines import nearest
from apps.audit.facts.dvc.roles import evaluates, reads_data, trains
from apps.audit.facts.dvc.stages import Stage
from apps.audit.facts.python.modules import Modules

STAGES = """stages:
  prepare:
    cmd: python prepare.py
    deps: [raw.csv]
    outs: [clean.csv]
  train:
    cmd: python train.py
    deps: [clean.csv, train.py]
    outs: [model.pkl]
  evaluate:
    cmd: python evaluate.py
    deps: [model.pkl]
    metrics:
    - metrics.json: {cache: false}
"""


class PipelineComplete(Check):
    """A pipeline leads from data to a model to its evaluation

    Only what is a stage can be run again by its name, in the right order, by anyone.

    Fix: describe the steps in dvc.yaml, each with its inputs and outputs: `dvc stage add -n train -d train.py -d
    data/clean.csv -o model.pkl python train.py`, likewise `prepare` and, with `-M metrics.json`, `evaluate`.
    """

    weight = 3
    effort = Effort.DAYS

    def run(self, graph: Graph, modules: Modules | None) -> Iterator[Finding | Evidence | Unknown | NotApplicable]:
        dvc, roots = graph.dvc, list(graph.dvc.roots)
        if modules is None and not dvc.stages and not dvc.unexpanded:
            yield NotApplicable(f"a registry of data: {len(dvc.pointers)} pointers, and no code to run")
            return
        for root in roots or [""]:
            stages = [stage for stage in dvc.stages if (nearest(roots, stage.path) or "") == root]
            if chain := complete(stages, graph):
                steps = " → ".join(stage.name for stage in chain)
                yield Evidence(f"{steps} leads from data to an evaluation", chain[0].path, chain[0].line)
            elif dvc.unexpanded:
                yield from dvc.unexpanded
            elif not stages:
                yield Finding(f"no stage{f' in {root}' if root else ''}: {len(dvc.pointers)} pointers only", root)
            else:
                yield Finding(missing(stages, graph), stages[0].path, stages[0].line)

    examples = (
        passes({"dvc.yaml": STAGES}, "prepare → train → evaluate"),
        passes(
            {"dvc.yaml": "stages:\n  train:\n    cmd: a\n    deps: [data]\n    outs: [m.pt]\n    metrics: [m.json]\n"}
        ),
        fails({"dvc.yaml": STAGES.partition("  evaluate")[0]}, "nothing evaluates"),
        fails({"dvc.yaml": STAGES.partition("  train")[0]}, "no stage trains"),
        fails(
            {"dvc.yaml": "stages:\n  train:\n    cmd: a\n    deps: [train.py]\n    metrics: [m.json]\n"},
            "reads no data",
        ),
        fails({"d.dvc": "outs:\n- path: d\n", "t.py": "x = 1\n"}, "1 pointers only"),
        ignores({"d.dvc": "outs:\n- path: d\n"}, "a registry of data"),
        passes(
            {"dvc.yaml": STAGES.replace("  train:", "  b:").replace("  evaluate:", "  c:").replace("model.pkl", "m")}
        ),
        ignores({"train.py": "import torch\n"}, "no DVC files"),
    )


def complete(stages: list[Stage], graph: Graph) -> tuple[Stage, ...]:
    """A chain of stages from data to an evaluation, in their order; empty when there is none."""
    for last in (stage for stage in reversed(stages) if evaluates(stage, graph)):
        before = graph.upstream(last)
        for model in (stage for stage in reversed(stages) if stage in before and trains(stage)):
            needed = graph.upstream(model)
            if len(needed) > 1 or reads_data(model):
                chain = [stage for stage in stages if stage in needed and stage is not model]
                return (*chain, model) if last is model else (*chain, model, last)
    return ()


def missing(stages: list[Stage], graph: Graph) -> str:
    listed = ", ".join(stage.name for stage in stages[:5])
    models = [stage for stage in stages if trains(stage)]
    if not models:
        return f"no stage trains a model; stages: {listed}"
    if not any(evaluates(stage, graph) and graph.upstream(stage) & set(models) for stage in stages):
        return f"nothing evaluates the model of {models[0].name}; stages: {listed}"
    return f"{models[0].name} reads no data; stages: {listed}"
