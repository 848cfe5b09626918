from collections.abc import Iterator

from apps.audit.check import Check, Effort, Evidence, Finding, Unknown, fails, passes
from apps.audit.facts.past import Past

# Invented, and in two parts, so that no scanner takes it for real.
TOKEN = "glpat-" + "x7Qm2LpV9tRb4WzK1sYd"


class SecretsInHistory(Check):
    """No secrets in history

    A credential that was deleted in a later commit is still in every clone, on every branch and tag.

    Fix: revoke the credential; that is what helps. Rewriting history hides it only from those who have no clone yet:
        git filter-repo --invert-paths --path creds.json
    """

    weight = 3
    effort = Effort.HOURS

    def run(self, past: Past) -> Iterator[Finding | Evidence | Unknown]:
        for credential, commit in past.credentials:
            yield Finding(f"{credential.kind}, last in commit {commit.id[:10]}", credential.file.path, credential.line)
        yield from (*past.unread, *past.unsearched)
        if not past.credentials:
            yield Evidence(f"no credential in {past.texts:,} versions of text files, all branches and tags included")

    examples = (
        passes({"train.py": ""}, "no credential in 2 versions", earlier={"config.py": "import os\n"}),
        passes({"deploy.sh": f"export TOKEN={TOKEN}\n"}, "no credential in 1 versions"),
        fails({"train.py": ""}, "a GitLab token, last in commit 0000000000", earlier={"deploy.sh": f"TOKEN={TOKEN}\n"}),
    )
