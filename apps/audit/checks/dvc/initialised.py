from collections.abc import Iterator

from apps.audit.check import Check, Effort, Evidence, Finding, fails, ignores, passes
from apps.audit.facts.dvc.pipelines import Dvc
from apps.audit.facts.tree import Tree


class Initialised(Check):
    """DVC's configuration is committed

    Pipelines and pointers without `.dvc/config` are of no use to the next person: every DVC command stops there.

    Fix: run `dvc init` once in the project's folder and commit what it wrote: `git add .dvc .dvcignore`.
    """

    weight = 2
    effort = Effort.MINUTES

    def run(self, dvc: Dvc, tree: Tree) -> Iterator[Finding | Evidence]:
        configs = [f"{root}/.dvc/config".lstrip("/") for root in dvc.roots]
        configured = [path for path in configs if tree.get(path)]
        for path in configured:
            yield Evidence("DVC's configuration is committed", path)
        roots = [path.removesuffix(".dvc/config") for path in configured]
        unread = (unknown.path for unknown in dvc.unread)
        files = [*(pipeline.path for pipeline in dvc.pipelines), *(file.path for file in dvc.files), *unread]
        outside = [path for path in files if not any(path.startswith(root) for root in roots)]
        if outside or not configured:
            locks = (file.path for file in tree.named("dvc.lock"))
            place = next(iter([*outside, *configs, *locks]))
            yield Finding(f"no .dvc/config is committed above {place}", place)

    examples = (
        passes({".dvc/config": "", "data.csv.dvc": "outs:\n- path: data.csv\n"}),
        passes({"ml/.dvc/config": "", "ml/data.csv.dvc": "outs:\n- path: data.csv\n"}),
        fails({"dvc.yaml": "stages: {}\n"}, "no .dvc/config is committed"),
        fails({"dvc.lock": "("}, "no .dvc/config is committed above dvc.lock"),
        fails({"ml/.dvc/config": "", "web/dvc.yaml": "stages: {}\n"}, "above web/dvc.yaml"),
        ignores({"train.py": "import dvc.api\n"}, "no DVC files"),
    )
