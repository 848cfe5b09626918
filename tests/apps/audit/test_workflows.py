"""Continuous integration of each service: what starts it and what it runs."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.audit.facts import Facts
from apps.audit.facts.automation.workflows import Trigger, Workflows
from apps.audit.sources import from_memory

GITHUB = """\
on:
  push:
    branches: [main, staging]
  pull_request:
jobs:
  test:
    runs-on: ubuntu-latest
    container: python:3.12
    environment: staging
    services:
      db:
        image: postgres:16
    steps:
      - uses: actions/checkout@v4
      - run: |
          pip install -e .
          make test
      - uses: ./.github/actions/lint
"""
ACTION = "runs:\n  using: composite\n  steps:\n    - run: ruff check\n      shell: bash\n"
GITLAB = """\
lint:
  script: [ruff check]
  rules:
    - if: $CI_PIPELINE_SOURCE == "merge_request_event"
test:
  image: python:3.12
  before_script:
    - pip install -e .
  script:
    - pytest
include:
  - local: /ci/types.yml
"""
AZURE = """\
trigger:
  branches:
    include: [main]
steps:
  - script: pytest
  - task: Bash@3
    inputs:
      script: ruff check
"""
CIRCLE = """\
jobs:
  test:
    docker: [{image: "cimg/python:3.12"}]
    steps:
      - run: pytest
      - run: {name: lint, command: ruff check}
workflows:
  nightly:
    triggers: [{schedule: {cron: "0 0 * * *"}}]
"""
BITBUCKET = """\
pipelines:
  default:
    - step:
        script: [pytest]
  pull-requests:
    '**':
      - step: {script: [ruff check]}
"""
JENKINS = """\
pipeline {
  agent { docker { image 'python:3.12' } }
  triggers { cron('H 4 * * *') }
  // sh 'mypy .'
  stages { stage('Test') { steps {
    sh 'pytest'
    sh(script: '''
      ruff check
    ''')
  } } }
}
"""

CLOUD_BUILD = """\
steps:
- name: python:3.12
  entrypoint: pytest
  args: [tests, -q]
- name: gcr.io/cloud-builders/gcloud
  entrypoint: bash
  args:
  - -c
  - |
    pip install ruff
    ruff check
- name: gcr.io/cloud-builders/docker
  args: [build, .]
"""


def workflows_of(files: dict[str, str]) -> Workflows:
    found = Facts(from_memory(files)).get(Workflows)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("path", "text", "triggers"),
    [
        (".github/workflows/ci.yml", GITHUB, {Trigger.PUSH: 2, Trigger.PULL_REQUEST: 4}),
        (".gitlab-ci.yml", GITLAB, {Trigger.PULL_REQUEST: 4, Trigger.PUSH: 5}),
        ("azure-pipelines.yml", AZURE, {Trigger.PUSH: 1}),
        (".circleci/config.yml", CIRCLE, {Trigger.PUSH: 7, Trigger.SCHEDULE: 9}),
        ("bitbucket-pipelines.yml", BITBUCKET, {Trigger.PUSH: 2, Trigger.PULL_REQUEST: 5}),
        ("Jenkinsfile", JENKINS, {Trigger.PUSH: 1, Trigger.SCHEDULE: 3}),
        ("cloudbuild.yaml", CLOUD_BUILD, {Trigger.PUSH: 1}),
        (".travis.yml", "script:\n  - pytest\n  - ruff check\n", {Trigger.PUSH: 2}),
    ],
)
def test_services(path: str, text: str, triggers: dict[Trigger, int]) -> None:
    others = {
        "Makefile": "test: lint\n\tpytest\nlint:\n\tflake8\n",
        ".github/actions/lint/action.yml": ACTION,
        "ci/types.yml": "types:\n  script: [mypy .]\n",
    }
    found = workflows_of({path: text, **others})
    (pipeline,) = found.pipelines
    assert pipeline.triggers == triggers
    assert {"pytest", "ruff"} <= {command.tool for command in found.on_change}


def test_a_job_says_where_each_command_stands_and_what_it_runs_in() -> None:
    (pipeline,) = workflows_of({".github/workflows/ci.yml": GITHUB}).pipelines
    (job,) = pipeline.jobs
    assert [(command.tool, command.line) for command in job.commands] == [("pip", 16), ("make", 17)]
    assert (job.images, job.environment) == (("python:3.12", "postgres:16"), "staging")
    assert pipeline.branches == ("main", "staging")
    assert ("actions/checkout", 14) in [(use.name, use.line) for use in job.uses]


def test_what_a_called_workflow_runs_is_run_on_the_triggers_of_its_caller() -> None:
    found = workflows_of(
        {
            ".github/workflows/a.yml": "on: push\njobs:\n  a:\n    uses: ./.github/workflows/b.yml\n",
            ".github/workflows/b.yml": "on: workflow_call\njobs:\n  b:\n    steps:\n      - run: pytest\n",
        }
    )
    assert [str(command) for command in found.on_change] == ["pytest"]


@pytest.mark.parametrize(
    "text",
    [
        "on: workflow_dispatch\njobs: {a: {steps: [{run: pytest}]}}\n",
        "on: {schedule: [{cron: '0 0 * * *'}]}\njobs: {a: {steps: [{run: pytest}]}}\n",
        "on: {push: {tags: ['v*']}}\njobs: {a: {steps: [{run: pytest}]}}\n",
        "on: push\njobs: {a: {steps: [{name: pytest, uses: x/pytest@v1}]}}\n",
        "on: push\njobs: [\n",
        "on: push\njobs: {a: {steps: {run: [[[]]]}}}\n",
        "- on\n",
    ],
)
def test_what_does_not_run_on_a_change(text: str) -> None:
    assert workflows_of({".github/workflows/ci.yml": text}).on_change == ()


def test_a_matrix_names_the_targets_of_a_runner() -> None:
    matrix = "strategy: {matrix: {kind: [core], py: ['3.12'], include: [{kind: tests}]}}"
    steps = "steps: [{run: 'nox -s ${{ matrix.kind }}-${{ matrix.py }}'}]"
    session = "@nox.session\ndef {}(session):\n    session.run('{}')\n"
    noxfile = "import nox\n" + session.format("tests", "pytest") + session.format("lint", "ruff")
    files = {
        ".github/workflows/a.yml": f"on: push\njobs:\n  a:\n    {matrix}\n    {steps}\n",
        "noxfile.py": noxfile,
    }
    tools = [command.tool for command in workflows_of(files).on_change]
    assert tools == ["nox", "pytest", "nox"]


def test_a_pipeline_for_tags_alone_is_a_release() -> None:
    tags = "workflow:\n  rules:\n    - if: $CI_COMMIT_TAG\ntest:\n  script: [pytest]\n"
    (pipeline,) = workflows_of({".gitlab-ci.yml": tags})
    assert Trigger.PUSH not in pipeline.triggers
    (pipeline,) = workflows_of({".gitlab-ci.yml": tags.replace("TAG", "BRANCH")})
    assert Trigger.PUSH in pipeline.triggers


def test_templates_of_azure_run_where_they_are_included() -> None:
    files = {
        ".pipelines/pr.yml": "pr: [main]\npool: x\njobs:\n- job: a\n  steps:\n  - template: sub/lint.yml\n",
        ".pipelines/sub/lint.yml": "steps:\n- script: ruff check\n",
    }
    found = workflows_of(files)
    assert [str(command) for command in found.on_change] == ["ruff check"]
    assert found.on_change[0].path == ".pipelines/sub/lint.yml"


def test_a_workflow_of_another_repository_leaves_open_what_runs() -> None:
    called = "on: [push]\njobs:\n  a:\n    uses: {}\n"
    theirs = workflows_of({".github/workflows/ci.yml": called.format("owner/repo/.github/workflows/ci.yml@v1")})
    assert [each.path for each in theirs.unseen] == [".github/workflows/ci.yml"]
    assert not workflows_of({".github/workflows/ci.yml": called.format("./.github/workflows/own.yml")}).unseen


def test_published_steps_run_their_programs() -> None:
    steps = "[{uses: psf/black@stable}, {uses: astral-sh/ruff-action@v3, with: {args: 'format --check'}}]"
    found = workflows_of({".github/workflows/ci.yml": f"on: push\njobs: {{a: {{steps: {steps}}}}}\n"})
    assert [str(command) for command in found.on_change] == ["black --check .", "ruff format --check"]


def test_steps_of_cloud_build_run_their_entry_points() -> None:
    step = "- {name: python, script: mypy ., allowFailure: true}\n"
    found = workflows_of({"build/cloudbuild-pr.yml": CLOUD_BUILD + step})
    assert [str(command) for command in found.on_change] == [
        *("pytest tests -q", "pip install ruff", "ruff check", "docker build .", "mypy ."),
    ]
    assert "mypy" not in {command.tool for command in found.enforced}


def test_files_elsewhere_are_nobodys() -> None:
    files = {"{{ cookiecutter.name }}/.github/workflows/ci.yml": GITHUB, "docs/.gitlab-ci.yml": GITLAB}
    files["{{ cookiecutter.name }}/cloudbuild.yaml"] = CLOUD_BUILD
    assert Facts(from_memory(files)).get(Workflows) is None


@pytest.mark.parametrize("hostile", ["/*" * 100_000, "'''" * 70_001, '"' * 200_001, "sh 'x\n" * 20_000])
def test_hostile_jenkinsfiles_end(hostile: str) -> None:
    assert workflows_of({"Jenkinsfile": hostile}).pipelines


WORDS = [
    *(
        "on",
        "push",
        "pull_request",
        "branches",
        "tags",
        "schedule",
        "jobs",
        "steps",
        "run",
        "uses",
        "./a",
        "environment",
    ),
    *("script", "before_script", "rules", "only", "if", "include", "local", "image", "services", "default", "workflow"),
    *(
        "trigger",
        "args",
        "entrypoint",
        "pr",
        "none",
        "schedules",
        "pipelines",
        "custom",
        "step",
        "docker",
        "workflows",
        "name",
        "pytest",
        "/",
    ),
]
LEAVES = st.sampled_from(WORDS) | st.none() | st.booleans() | st.integers(-3, 3)
DOCUMENTS = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(WORDS), inner, max_size=4),
    max_leaves=20,
)
PATHS = [".github/workflows/a.yml", ".gitlab-ci.yml", "azure-pipelines.yml", ".circleci/config.yml", ".travis.yml"]
PATHS += ["cloudbuild.yaml"]


@given(st.sampled_from([*PATHS, "bitbucket-pipelines.yml"]), st.dictionaries(st.sampled_from(WORDS), DOCUMENTS))
def test_any_document_is_read(path: str, document: dict[str, object]) -> None:
    assert isinstance(workflows_of({path: json.dumps(document)}).on_change, tuple)
