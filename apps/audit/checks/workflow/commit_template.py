import re
from collections.abc import Iterator

from apps.audit.check import Check, Effort, Evidence, Finding, Unknown, fails, passes
from apps.audit.facts.automation.workflows import Workflows
from apps.audit.facts.documents import Documents
from apps.audit.facts.hooks.hooks import Hooks
from apps.audit.facts.tree import Tree
from apps.audit.regex import regex

TEMPLATE = regex(
    r"\.?git-?_?(commit[-_])?message([-_]template)?(\.(txt|md))?|\.?(git)?[-_]?commit[-_]?(msg|message)?[-_]?template.*",
    re.I,
)
CONFIGURATION = regex(r"commitlint\.config\.\w{2,3}|\.commitlintrc(\.\w+)?|\.?cz\.(toml|ya?ml|json)|\.gitlint|\.czrc")
TABLES = (("pyproject.toml", ("tool", "commitizen")), ("package.json", ("commitlint",)), ("setup.cfg", ("commitizen",)))
LINTER = regex(r"commitlint|commitizen|conventional-pre-commit|gitlint|commit-check|action-semantic-pull-request")


class CommitTemplate(Check):
    """A template or a linter shapes commit messages

    A convention that nothing reminds of lasts as long as the memory of who wrote it.

    Fix: commit a template and point git to it (`git config commit.template .gitmessage`), or lint messages in a hook:
        # .gitmessage
        exp(scope): what is tried
        # Hypothesis:
        # Result:
        # Metrics:
    """

    weight = 1
    effort = Effort.MINUTES

    def run(
        self, tree: Tree, documents: Documents, hooks: Hooks, workflows: Workflows | None
    ) -> Iterator[Finding | Evidence | Unknown]:
        found = list(shaping(tree, documents, hooks, workflows))
        unread = (*hooks.unread, *(workflows.unread if workflows else ()))
        yield from found or unread or (Finding("no commit template (.gitmessage) and no commit linter"),)

    examples = (
        passes({".gitmessage": "type(scope): what\n"}, "a commit template"),
        passes({"pyproject.toml": "[project]\nname = 'a'\n[tool.commitizen]\nname = 'cz_customize'\n"}, "commitizen"),
        passes(
            {
                ".pre-commit-config.yaml": "repos:\n- repo: https://github.com/compilerla/conventional-pre-commit\n"
                "  rev: v4.3.0\n  hooks:\n  - id: conventional-pre-commit\n"
            },
            "the hook conventional-pre-commit",
        ),
        fails({".pre-commit-config.yaml": "repos: []\n", "commit.py": ""}, "no commit template"),
    )


def shaping(tree: Tree, documents: Documents, hooks: Hooks, workflows: Workflows | None) -> Iterator[Evidence]:
    for file in tree:
        if file.folder.count("/") == 0 and TEMPLATE.fullmatch(file.name) and not file.name.endswith(".py"):
            yield Evidence("a commit template", file.path)
        elif not file.folder and CONFIGURATION.fullmatch(file.name):
            yield Evidence("the configuration of a commit linter", file.path)
    for path, keys in TABLES:
        document = documents.get(path)
        if document and document.get(*keys):
            yield Evidence(f"the configuration of {keys[-1]}", path, document.line(*keys))
    for hook in hooks:
        if LINTER.search(hook.id) or LINTER.search(hook.repo) or any(LINTER.search(c.tool) for c in hook.commands):
            yield Evidence(f"the hook {hook.id}", hook.path, hook.line)
    for use in workflows.uses_on_change if workflows else ():
        if LINTER.search(use.name):
            yield Evidence(f"CI lints messages with {use.name}", use.path, use.line)
