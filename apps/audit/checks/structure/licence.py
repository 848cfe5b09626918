import re
from collections.abc import Iterator

from apps.audit.check import Check, Effort, Evidence, Finding, Unknown, fails, passes
from apps.audit.facts.packages.metadata import Metadata
from apps.audit.facts.tree import Tree
from apps.audit.regex import regex

FILE = regex(r"(un)?licen[cs]es?([-_.].*)?|copying([-_.].*)?|copyright(\.\w+)?", re.IGNORECASE)
CODE = {".py", ".js", ".ts", ".sh", ".ipynb"}


class Licence(Check):
    """A licence says what others may do

    Without one nobody outside may use, copy or change the code, and nobody inside knows under which terms it may leave.

    Fix: add a LICENSE file, or name the licence in pyproject.toml:
        [project]
        license = "MIT"
    """

    weight = 1
    effort = Effort.MINUTES

    def run(self, tree: Tree, metadata: Metadata) -> Iterator[Finding | Evidence | Unknown]:
        files = [file for file in tree.entries if FILE.fullmatch(file.name) and file.suffix not in CODE]
        found = [
            Evidence("a licence file", file.path) for file in files if file.folder.lower() in {"", "docs", "licenses"}
        ]
        for each in metadata:
            if each.licence:
                found.append(
                    Evidence(f"licence in the metadata: {each.licence.value}", each.licence.path, each.licence.line)
                )
        yield from found or metadata.unread or (Finding("no LICENSE or COPYING file, and no licence in the metadata"),)

    examples = (
        passes({"LICENSE": "MIT License\n"}, "a licence file"),
        passes({"pyproject.toml": '[project]\nname = "churn"\nlicense = {text = "Apache-2.0"}\n'}, "Apache-2.0"),
        passes(
            {"setup.py": "from setuptools import setup\nsetup(name='churn', license='MIT')\n"},
            "licence in the metadata: MIT",
        ),
        passes({"pyproject.toml": '[project]\nname = "churn"\nlicense = {file = "TERMS"}\n'}, "the file TERMS"),
        fails({"README.md": "# Churn\n\n## License\n\nMIT\n"}, "no LICENSE"),
        fails({"pyproject.toml": '[project]\nname = "churn"\n# license = "MIT"\n'}, "no LICENSE"),
    )
