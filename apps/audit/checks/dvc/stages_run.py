from collections.abc import Iterator

from apps.audit.check import Check, Effort, Evidence, Finding, NotApplicable, Unknown, fails, ignores, passes
from apps.audit.facts.documents import Document
from apps.audit.facts.dvc.pipelines import Dvc

FOREACH = "stages:\n  fit:\n    foreach: [a, b]\n    do:\n      cmd: fit ${item}\n"


class StagesRun(Check):
    """Every stage was run, and the lock has no stage more

    A stage that never ran is a promise; an entry of the lock without a stage is a result nobody can repeat.

    Fix: `dvc repro` runs what is missing; for an entry left behind by a stage that was removed or renamed, delete it
    from dvc.lock. Commit dvc.lock.
    """

    weight = 3
    effort = Effort.HOURS

    def run(self, dvc: Dvc) -> Iterator[Finding | Evidence | Unknown | NotApplicable]:
        judged = [pipeline for pipeline in dvc.pipelines if isinstance(pipeline.lock, Document)]
        for pipeline in judged:
            yield from (Unknown(failure.message, pipeline.path) for failure in pipeline.failures)
            missing = [stage for stage in pipeline.stages if not stage.lock]
            for stage in missing:
                yield Finding(f"{stage.name} was never run: not in {pipeline.lock_path}", stage.path, stage.line)
            for name, line in pipeline.orphans:
                yield Finding(f"{name} is not a stage of {pipeline.path} any more", pipeline.lock_path, line)
            if pipeline.stages and not missing:
                yield Evidence(f"all {len(pipeline.stages)} stages are in the lock", pipeline.lock_path)
        own = [file.stage for file in dvc.files if file.stage and file.stage.cmd]
        for stage in own:
            ran = bool(stage.lock)
            yield Evidence("was run", stage.path) if ran else Finding("was never run: it has no hash", stage.path)
        if not own and not any(pipeline.stages or pipeline.orphans for pipeline in judged):
            yield NotApplicable("no stage with a lock")

    examples = (
        passes({"dvc.yaml": FOREACH, "dvc.lock": "stages:\n  fit@a: {cmd: fit a}\n  fit@b: {cmd: fit b}\n"}, "all 2"),
        fails({"dvc.yaml": FOREACH, "dvc.lock": "stages:\n  fit@a: {cmd: fit a}\n"}, "fit@b was never run"),
        fails(
            {
                "dvc.yaml": "stages:\n  fit:\n    cmd: fit\n",
                "dvc.lock": "stages:\n  fit: {cmd: fit}\n  old: {cmd: x}\n",
            },
            "old is not a stage",
        ),
        passes({"fit.dvc": "cmd: fit\nouts:\n- {path: m.pkl, md5: 22a1a2931c8370d3aeedd7183606fd7f}\n"}, "was run"),
        ignores({"dvc.yaml": FOREACH}, "no stage with a lock"),
    )
