from collections.abc import Iterator

from apps.audit.check import Check, Effort, Evidence, Finding, NotApplicable, Unknown, fails, ignores, passes
from apps.audit.facts.dvc.graph import Graph, Written
from apps.audit.facts.dvc.stages import Path, Stage

PIPELINE = "stages:\n  train:\n    cmd: a\n    deps: [d.csv]\n    outs: [m.pkl]\n"
LOCK = "stages:\n  train:\n    cmd: a\n    deps:\n    - {path: d.csv, hash: md5, md5: aaaa}\n"
POINTER = "outs:\n- {path: d.csv, hash: md5, md5: aaaa}\n"


class ChainConsistent(Check):
    """What a stage read is what was last written

    When data was added or written again and the stages after it were not run, the results belong to older data.

    Fix: `dvc repro` runs every stage whose input changed; commit dvc.lock together with the .dvc files.
    """

    weight = 4
    effort = Effort.HOURS

    def run(self, graph: Graph) -> Iterator[Finding | Evidence | Unknown | NotApplicable]:
        yield from graph.dvc.unread
        for stage in graph.cycle:
            yield Finding(f"{stage.name} waits for its own output", stage.path, stage.line)
        links = 0
        for stage, dep, writers in graph.consumed():
            links += 1
            yield from judge(stage, dep, writers)
        if links:
            stages = [stage for stage in graph.dvc.stages if stage.lock]
            yield Evidence(f"compared {links} hashes between {len(stages)} stages and what feeds them", stages[0].lock)
        elif overlap := next(graph.overlapping(), None):
            stage, dep, (_, out) = overlap
            yield Unknown(
                f"{stage.name} reads {dep.path}, and the hashes of what is in {out.path} are not in git", stage.lock
            )
        else:
            yield NotApplicable("no stage that ran reads what another stage or a pointer writes")

    examples = (
        passes({"dvc.yaml": PIPELINE, "dvc.lock": LOCK, "d.csv.dvc": POINTER}, "compared 1 hashes"),
        fails(
            {"dvc.yaml": PIPELINE, "dvc.lock": LOCK, "d.csv.dvc": POINTER.replace("aaaa", "bbbb")},
            "train read another d.csv than d.csv.dvc has",
        ),
        fails(
            {"dvc.yaml": "stages:\n  a: {cmd: a, deps: [x], outs: [y]}\n  b: {cmd: b, deps: [y], outs: [x]}\n"},
            "waits for its own output",
        ),
        ignores({"dvc.yaml": PIPELINE, "dvc.lock": LOCK, "d.csv": "1\n"}, "no stage that ran reads"),
    )


def judge(stage: Stage, dep: Path, writers: list[Written]) -> Iterator[Finding | Unknown]:
    known = [(writer, out.recorded) for writer, out in writers if out.recorded]
    if dep.recorded is None or not known or any(last.value == dep.recorded.value for _, last in known):
        return
    writer, last = known[0]
    if last.as_text != dep.recorded.as_text:
        yield Unknown(f"{stage.name} and {writer.name} were recorded by DVC 2 and 3, whose hashes differ", dep.path)
    else:
        has = "has" if not writer.cmd else "last wrote"
        yield Finding(f"{stage.name} read another {dep.path} than {writer.name} {has}", stage.lock, stage.lock_line)
