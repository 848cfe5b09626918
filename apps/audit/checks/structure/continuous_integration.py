from collections.abc import Iterator

from apps.audit.check import Check, Effort, Evidence, Finding, Unknown, fails, passes
from apps.audit.facts.automation.workflows import ON_CHANGE, Workflows

LOOKED_FOR = "GitHub, GitLab, Azure, CircleCI, Jenkins, Bitbucket, Cloud Build and others were looked for"


class ContinuousIntegration(Check):
    """Continuous integration runs on every change

    What is only run on one person's machine works on that machine.

    Fix: add `.github/workflows/ci.yml` with `on: [push, pull_request]` and a job that installs, lints and tests.
    """

    weight = 4
    effort = Effort.HOURS

    def run(self, workflows: Workflows | None) -> Iterator[Finding | Evidence | Unknown]:
        if workflows is None:
            yield Finding(f"no CI configuration: {LOOKED_FOR}")
            return
        running = [
            each for each in workflows.started_by(*ON_CHANGE) if any(job.commands or job.uses for job in each.jobs)
        ]
        for pipeline in running:
            named = [trigger for trigger in ON_CHANGE if trigger in pipeline.triggers]
            line = next((line for trigger in named if (line := pipeline.triggers[trigger])), None)
            yield Evidence(f"{pipeline.service} runs on {' and '.join(named)}", pipeline.path, line)
        if not running:
            yield from workflows.unread
            for pipeline in workflows:
                why = (
                    f"cannot be read: {pipeline.error}"
                    if pipeline.error
                    else "runs neither on push nor on pull request"
                )
                yield Finding(f"{pipeline.service or 'this CI configuration'} {why}", pipeline.path)

    examples = (
        passes(
            {".github/workflows/ci.yml": "on: [push]\njobs: {test: {steps: [{run: pytest}]}}\n"},
            "GitHub Actions runs on push",
        ),
        passes({".gitlab-ci.yml": "test:\n  script: [pytest]\n"}, "GitLab CI runs on push"),
        passes(
            {".gitlab-ci.yml": "a:\n  script: [a]\n  rules: [{if: $CI_PIPELINE_SOURCE == 'merge_request_event'}]\n"},
            "GitLab CI runs on pull request",
        ),
        passes({"Jenkinsfile": "node { sh 'pytest' }\n"}, "Jenkins runs on push"),
        passes({"ci/cloudbuild.yaml": "steps:\n- {name: 'python:3.12', script: pytest}\n"}, "Google Cloud Build runs"),
        fails({"train.py": ""}, "no CI configuration"),
        fails(
            {".github/workflows/a.yml": "on: {schedule: [{cron: '0 0 * * *'}]}\njobs: {a: {steps: [{run: a}]}}\n"},
            "neither on push nor on pull request",
        ),
        fails({"{{ c.x }}/.github/workflows/ci.yml": "on: [push]\njobs: {}\n"}, "no CI configuration"),
        fails({".github/workflows/ci.yml": "on: [push\n"}, "cannot be read"),
    )
