from collections.abc import Iterator

from apps.audit.check import Check, Effort, Evidence, Finding, NotApplicable, Unknown, fails, ignores, passes
from apps.audit.facts.dvc.config import Configs
from apps.audit.facts.dvc.pipelines import Dvc
from apps.audit.facts.dvc.stages import Stage

CONFIG = "[core]\nremote = s\n['remote \"s\"']\nurl = s3://b/p\n"
IMPORT = "deps:\n- path: d\n  repo: {url: 'https://h/r', rev_lock: abc}\nouts:\n- {path: d, md5: 22a1a293}\n"


class DataPushed(Check):
    """Everything that this commit needs is in the remote

    After a forgotten `dvc push` the commit names data that exists on one disk only.

    Fix: `dvc push`; `dvc install` adds a git hook that does it at every `git push`. Data with `push: false` has to be
    made again by a stage or imported.
    """

    weight = 4
    effort = Effort.MINUTES
    opt_in = True

    def run(self, dvc: Dvc, configs: Configs) -> Iterator[Finding | Evidence | Unknown | NotApplicable]:
        needed = [(stage, out) for stage, out in dvc.cached if out.recorded and not fetched(stage)]
        for stage, out in needed:
            if not out.push and not stage.cmd:
                yield Finding(f"{out.path} is never pushed (push: false) and no stage makes it", stage.path, out.line)
        for stage in filter(fetched, dvc.pointers):
            yield Evidence("comes from its own repository, at a commit", stage.path, stage.deps[0].line)
        if not any(config.remotes for config in configs.shared):
            yield NotApplicable("no remote")
        elif needed:
            yield Unknown(f"the remote was not asked for the {len(needed)} objects that this commit needs")
        elif not dvc.cached:
            yield NotApplicable("nothing is cached by DVC")

    examples = (
        passes({".dvc/config": CONFIG, "d.dvc": IMPORT}, "comes from its own repository"),
        fails({".dvc/config": CONFIG, "d.dvc": "outs:\n- {path: d, md5: 22a1a293, push: false}\n"}, "never pushed"),
        ignores({".dvc/config": "", "d.dvc": "outs:\n- {path: d, md5: 22a1a293}\n"}, "no remote"),
        ignores({"train.py": "import torch\n"}, "no DVC files"),
    )


def fetched(stage: Stage) -> bool:
    """Whether a pointer is an import that is pinned to a commit of another repository."""
    return any(dep.revision for dep in stage.deps)
