from collections.abc import Iterator

from apps.audit.check import Check, Effort, Evidence, Finding, NotApplicable, Unknown, fails, ignores, passes
from apps.audit.facts.dvc.config import Configs
from apps.audit.facts.dvc.needed import Needed, fetched
from apps.audit.facts.dvc.pipelines import Dvc

CONFIG = "[core]\nremote = s\n['remote \"s\"']\nurl = s3://b/p\n"
IMPORT = "deps:\n- path: d\n  repo: {url: 'https://h/r', rev_lock: abc}\nouts:\n- {path: d, md5: 22a1a293}\n"


class DataPushed(Check):
    """Everything that this commit needs is in the remote

    After a forgotten `dvc push` the commit names data that exists on one disk only.

    Fix: `dvc push`; `dvc install` adds a git hook that does it at every `git push`. Data with `push: false` has to be
    made again by a stage or imported. The remote is asked once an administrator has given
    read access to it in the admin.
    """

    weight = 4
    effort = Effort.MINUTES
    opt_in = True

    def run(self, dvc: Dvc, configs: Configs, needed: Needed) -> Iterator[Finding | Evidence | Unknown | NotApplicable]:
        for stage, out in dvc.cached:
            if out.recorded and not out.push and not stage.cmd and not fetched(stage):
                yield Finding(f"{out.path} is never pushed (push: false) and no stage makes it", stage.path, out.line)
        for stage in filter(fetched, dvc.pointers):
            yield Evidence("comes from its own repository, at a commit", stage.path, stage.deps[0].line)
        if not any(config.remotes for config in configs.shared):
            yield NotApplicable("no remote")
        elif not dvc.cached:
            yield NotApplicable("nothing is cached by DVC")
        elif needed.storage and not needed.storage.error:
            yield from in_storage(needed, needed.storage.url)
        elif needed.stored or needed.elsewhere:
            count, why = len(needed.keys) + len(needed.elsewhere), needed.storage.error if needed.storage else ""
            said = why or "an administrator can give read access to it"
            yield Unknown(f"the remote was not asked for the {count} objects that this commit needs: {said}")

    examples = (
        passes({".dvc/config": CONFIG, "d.dvc": IMPORT}, "comes from its own repository"),
        fails({".dvc/config": CONFIG, "d.dvc": "outs:\n- {path: d, md5: 22a1a293, push: false}\n"}, "never pushed"),
        ignores({".dvc/config": "", "d.dvc": "outs:\n- {path: d, md5: 22a1a293}\n"}, "no remote"),
        ignores({"train.py": "import torch\n"}, "no DVC files"),
    )


def in_storage(needed: Needed, url: str) -> Iterator[Finding | Evidence | Unknown]:
    """What the remote was seen to hold of each out."""
    whole = 0
    for stage, out, held in needed.held():
        if held.why:
            yield Unknown(f"{out.path}: {held.why}", stage.path)
        elif held.missing:
            part = f"{held.missing:,} of its {held.of:,} files are" if held.of > 1 else "is"
            yield Finding(f"{out.path}: {part} not in {url}", stage.path, out.line)
        else:
            whole += 1
    for stage, out in needed.elsewhere:
        yield Unknown(f"{out.path} is not kept in the default remote by its hash, so it was not looked for", stage.path)
    if whole:
        yield Evidence(f"{whole:,} of {len(needed.keys):,} recorded outs are whole in {url}")
