from collections.abc import Iterator

from apps.audit.check import Check, Effort, Evidence, Finding, fails, ignores, passes
from apps.audit.checks.precommit.configured import Configured
from apps.audit.facts.hooks.hooks import Ability, Hooks
from apps.audit.facts.notebooks import Notebooks


class NotebookOutputs(Check):
    """A hook clears the outputs of notebooks

    Outputs hold data, pictures and sometimes keys; they make every diff unreadable and the repository large.

    Fix: add `id: nbstripout` of https://github.com/kynan/nbstripout.
    """

    weight = 3
    effort = Effort.MINUTES
    requires = (Configured,)

    def run(self, hooks: Hooks, notebooks: Notebooks) -> Iterator[Finding | Evidence]:
        paths = [*(notebook.path for notebook in notebooks), *(unread.path for unread in notebooks.unread)]
        found = hooks.doing(Ability.NOTEBOOK_OUTPUTS)
        given = [hook for hook in found if any(hook.filter.includes(path) is not False for path in paths)]
        for hook in given:
            yield Evidence(f"{hook.id} clears outputs", hook.path, hook.line)
        if found and not given:
            yield Finding(f"{found[0].id} is given none of the {len(paths)} notebooks", found[0].path, found[0].line)
        elif not found:
            yield Finding(
                f"no hook clears the outputs of {len(paths)} notebooks: nbstripout, nb-clean, nbconvert --clear-output"
                " and databooks were looked for",
                paths[0],
            )

    examples = (
        passes(
            {"a.ipynb": '{"cells": []}', ".pre-commit-config.yaml": "repos: [{repo: x, hooks: [{id: nbstripout}]}]"},
            "nbstripout clears outputs",
        ),
        passes(
            {
                "a.ipynb": '{"cells": []}',
                ".pre-commit-config.yaml": "repos: [{repo: local, "
                "hooks: [{id: a, entry: jupyter nbconvert --clear-output --inplace}]}]",
            },
            "a clears outputs",
        ),
        fails(
            {"a.ipynb": '{"cells": []}', ".pre-commit-config.yaml": "repos: [{repo: x, hooks: [{id: nbqa-black}]}]"},
            "no hook clears the outputs",
        ),
        fails(
            {
                "a.ipynb": '{"cells": []}',
                ".pre-commit-config.yaml": "repos: [{repo: x, hooks: [{id: nbstripout, args: [--keep-output]}]}]",
            },
            "no hook clears",
        ),
        fails(
            {
                "a.ipynb": '{"cells": []}',
                ".pre-commit-config.yaml": "repos: [{repo: x, hooks: [{id: nbstripout, files: ^notebooks/}]}]",
            },
            "given none of the 1 notebooks",
        ),
        ignores(
            {"a.py": "", ".pre-commit-config.yaml": "repos: [{repo: x, hooks: [{id: nbstripout}]}]"}, "no notebooks"
        ),
    )
