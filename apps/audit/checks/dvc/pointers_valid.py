from collections.abc import Iterator

from apps.audit.check import Check, Effort, Evidence, Finding, NotApplicable, Unknown, fails, ignores, passes
from apps.audit.facts.dvc.pipelines import Dvc, is_pointer
from apps.audit.facts.dvc.stages import Stage


class PointersValid(Check):
    """Every .dvc file points at data

    A .dvc file is the only trace of the data in git: one that does not parse or has no hash has lost its data.

    Fix: solve the merge, or add the data again: `dvc add path/to/data` (or `dvc update file.dvc` for an import), then
    commit the .dvc file.
    """

    weight = 4
    effort = Effort.MINUTES

    def run(self, dvc: Dvc) -> Iterator[Finding | Evidence | Unknown | NotApplicable]:
        yield from (unknown for unknown in dvc.unread if is_pointer(unknown.path))
        if not dvc.files:
            yield NotApplicable("no .dvc file")
        for file in dvc.files:
            if file.stage is None:
                message = f"does not parse: {file.document.error}"
                yield Finding(message, file.path, file.document.error_line)
                continue
            found = list(problems(file.stage))
            yield from found
            if not found:
                outs = ", ".join(out.path for out in file.stage.outs[:3])
                yield Evidence(f"points at {outs}", file.path, file.stage.outs[0].line)

    examples = (
        passes({"data.csv.dvc": "outs:\n- md5: 22a1a2931c8370d3aeedd7183606fd7f\n  path: data.csv\n"}),
        passes({"dvcfiles/m.dvc": "wdir: ../models\nouts:\n- md5: 22a1a2931c8370d3aeedd7183606fd7f\n  path: m.ckpt\n"}),
        passes({"d.dvc": "frozen: true\ndeps:\n- path: s3://b/d\n  etag: a1b2\nouts:\n- path: d\n"}, "points at d"),
        fails({"d.dvc": "<<<<<<< HEAD\nouts:\n=======\nouts:\n>>>>>>> b\n"}, "merge markers"),
        fails({"d.dvc": "outs:\n- path: d\n"}, "no hash"),
        fails({"d.dvc": "outs: []\n"}, "names no out"),
        fails(
            {"d.dvc": "outs:\n- {md5: 22a1a2931c8370d3aeedd7183606fd7f, path: /home/ada/d}\n"}, "/home/ada/d is outside"
        ),
        fails({"a/d.dvc": "wdir: ../..\nouts:\n- {md5: 22a1a2931c8370d3aeedd7183606fd7f, path: d}\n"}, "is outside"),
        ignores({"dvc.yaml": "stages: {}\n"}, "no .dvc file"),
    )


def problems(stage: Stage) -> Iterator[Finding]:
    if not stage.outs:
        yield Finding("names no out", stage.path)
    # An import that was not downloaded has its hash or commit at its source.
    pinned = any(dep.recorded or dep.revision for dep in stage.deps) and not stage.cmd
    for out in stage.outs:
        if not out.written:
            yield Finding("an out without a path", stage.path, out.line)
        elif out.recorded is None and not pinned and (out.cached or not stage.cmd):
            yield Finding(f"no hash for {out.written}", stage.path, out.line)
        if out.is_outside:
            yield Finding(f"{out.written} is outside of the repository", stage.path, out.line)
    for dep in stage.deps:
        if dep.is_outside and stage.cmd:
            yield Finding(f"{dep.written} is outside of the repository", stage.path, dep.line)
