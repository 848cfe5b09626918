from collections.abc import Iterator

from apps.audit.check import Check, Effort, Evidence, Finding, NotApplicable, Unknown, fails, ignores, passes
from apps.audit.facts.dvc.drift import Drift
from apps.audit.facts.dvc.pipelines import Dvc

PIPELINE = (
    "stages:\n  train:\n    cmd: python train.py ${lr}\n    deps: [train.py]\n    params: [lr]\n    outs: [m.pkl]\n"
)
LOCK = """schema: '2.0'
stages:
  train:
    cmd: python train.py 0.1
    deps:
    - {path: train.py, hash: md5, md5: 3253b41059cac6e987c5a5e9233ea5d0}
    params: {params.yaml: {lr: 0.1}}
"""
FILES = {"dvc.yaml": PIPELINE, "dvc.lock": LOCK, "params.yaml": "lr: 0.10\n", "train.py": "x = 1\n"}


class LockInSync(Check):
    """The lock is that of this code, these parameters and these commands

    A stage that was changed and not run again leaves results in the repository that its code does not give.

    Fix: `dvc repro`, then commit dvc.lock together with the change. After a change that cannot matter (a comment),
    `dvc commit` accepts it without a run.
    """

    weight = 5
    effort = Effort.HOURS

    def run(self, dvc: Dvc, drift: Drift) -> Iterator[Finding | Evidence | Unknown | NotApplicable]:
        for pipeline in dvc.pipelines:
            if pipeline.document.error:
                message = f"does not parse: {pipeline.document.error}"
                yield Finding(message, pipeline.path, pipeline.document.error_line)
            for each in pipeline.failures:
                yield (
                    Finding(each.message, pipeline.path, each.line)
                    if each.known
                    else Unknown(each.message, pipeline.path)
                )
        for change in drift.changes:
            yield Finding(f"{change.stage.name}: {change.subject} {change.what}", change.stage.path, change.line)
        yield from drift.unknown
        if not drift.compared:
            yield NotApplicable("no stage has an entry in a lock")
        for lock, (stages, values, paths) in drift.compared.items():
            yield Evidence(f"compared {stages} commands, {values} parameters and {paths} files in git", lock)

    examples = (
        passes(FILES, "compared 1 commands, 1 parameters and 1 files"),
        fails(FILES | {"params.yaml": "lr: 0.2\n"}, "the last run had 0.1"),
        fails(FILES | {"train.py": "x = 2\n"}, "train.py is not what the last run read"),
        fails(FILES | {"dvc.yaml": PIPELINE.replace("python", "python3")}, "the command is not the one"),
        fails(FILES | {"dvc.yaml": PIPELINE.replace("${lr}", "${missing}")}, "${missing} is not defined"),
        ignores({"dvc.yaml": PIPELINE, "params.yaml": "lr: 0.1\n"}, "no stage has an entry in a lock"),
        ignores({"d.dvc": "outs:\n- {path: d, md5: 22a1a2931c8370d3aeedd7183606fd7f}\n"}, "no stage has an entry"),
    )
