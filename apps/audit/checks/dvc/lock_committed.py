from collections.abc import Iterator

from apps.audit.check import Check, Effort, Evidence, Finding, NotApplicable, Unknown, fails, ignores, passes
from apps.audit.facts.dvc.pipelines import Dvc


class LockCommitted(Check):
    """Every dvc.yaml has its dvc.lock in git

    The lock says which data, code and parameters gave the results; without it nobody can get them back.

    Fix: `dvc repro`, then `git add dvc.lock` (and take `dvc.lock` out of .gitignore).
    """

    weight = 4
    effort = Effort.HOURS

    def run(self, dvc: Dvc) -> Iterator[Finding | Evidence | Unknown | NotApplicable]:
        pipelines = [pipeline for pipeline in dvc.pipelines if pipeline.has_stages]
        if not pipelines:
            yield NotApplicable("no dvc.yaml with stages")
        for pipeline in pipelines:
            lock = pipeline.lock
            if isinstance(lock, Unknown):
                yield lock
            elif lock is None:
                yield Finding(f"no {pipeline.lock_path} beside it", pipeline.path)
            elif lock.error or not isinstance(lock.value, dict):
                yield Finding(f"does not parse: {lock.error or 'it is empty'}", lock.path, lock.error_line)
            else:
                yield Evidence(f"the lock of {pipeline.path}", lock.path)

    examples = (
        passes({"dvc.yaml": "stages:\n  a:\n    cmd: b\n", "dvc.lock": "schema: '2.0'\nstages: {}\n"}),
        fails({"dvc.yaml": "stages:\n  a:\n    cmd: b\n"}, "no dvc.lock beside it"),
        fails({"x/dvc.yaml": "stages:\n  a:\n    cmd: b\n", "dvc.lock": "stages: {}\n"}, "no x/dvc.lock"),
        fails({"dvc.yaml": "stages:\n  a:\n    cmd: b\n", "dvc.lock": "<<<<<<< a\n>>>>>>> b\n"}, "merge markers"),
        ignores({"dvc.yaml": "metrics:\n- m.json\n", "m.json": "{}"}, "no dvc.yaml with stages"),
        ignores({"old.dvc": "cmd: a\nouts:\n- {path: b, md5: c}\n"}, "no dvc.yaml with stages"),
    )
