from collections.abc import Iterator

from apps.audit.check import Check, Effort, Evidence, Finding, Unknown, fails, passes
from apps.audit.facts.guides import Guides
from apps.audit.regex import regex

BOX = regex(r"\s*(>\s*)?([-*+]|\d+[.)])\s+\[[ xX]?\]\s*\S")


class PullRequestTemplate(Check):
    """Pull requests start from a checklist

    A checklist asks each author the questions that reviewers forget: is the data versioned, is the result
    reproducible.

    Fix: add .github/pull_request_template.md (GitLab: .gitlab/merge_request_templates/Default.md):
        - [ ] data and models are tracked by DVC, not by git
        - [ ] metrics before and after are in the description
        - [ ] tests cover the change
    """

    weight = 1
    effort = Effort.MINUTES

    def run(self, guides: Guides) -> Iterator[Finding | Evidence | Unknown]:
        for guide in guides.pull_request:
            boxes = [number for number, line in enumerate(guide.lines, 1) if BOX.match(line)]
            if boxes:
                yield Evidence(f"a checklist of {len(boxes)}", guide.path, boxes[0])
                return
        if guides.pull_request:
            yield Finding("the template has no checklist", guides.pull_request[0].path)
        else:
            yield from guides.unread or (Finding("no template of pull or merge requests"),)

    examples = (
        passes({".github/PULL_REQUEST_TEMPLATE.md": "## What\n- [ ] tests\n"}, "a checklist of 1"),
        passes({".gitlab/merge_request_templates/Default.md": "* [ ] data\n* [x] tests\n"}, "a checklist of 2"),
        fails({".github/pull_request_template.md": "## What does this change?\n"}, "the template has no checklist"),
        fails({"README.md": "- [ ] todo\n"}, "no template of pull or merge requests"),
    )
