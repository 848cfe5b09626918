import re
from collections.abc import Iterator

from apps.audit.check import Check, Effort, Evidence, Finding, Unknown, fails, passes
from apps.audit.facts.automation.workflows import Workflows
from apps.audit.facts.history import History
from apps.audit.facts.python.modules import Modules
from apps.audit.facts.tree import is_fixture
from apps.audit.regex import regex

INTEGRATION = regex(
    r"dev|develop|development|staging|stage|integration|validation|qa|uat|test|testing|preprod|pre-prod"
)
# GTO: a model's stage, as in `churn#prod#3`; a version alone (`churn@v1.0.0`, `v1.0.0`) promotes nothing.
STAGE_TAG = regex(r"[\w./-]+#[\w-]+(#\d+)?")
PROMOTION = regex(
    r"(.*\.)?(transition_model_version_stage|set_registered_model_alias|set_stage|promote_model(_version)?)"
)
ENVIRONMENT = regex(r"dev|development|staging|stage|qa|uat|preprod|prod|production|live", re.IGNORECASE)
CI = "on:\n  pull_request:\n    branches: [main, dev]\njobs:\n  test:\n    runs-on: x\n    steps:\n    - run: pytest\n"


class ValidationBranch(Check):
    """Models are validated before they are production

    Between "it trains" and "it serves" there is a place where a candidate is tried: a branch, a stage, an environment.

    Fix: let CI run on a staging branch too, or promote models by tags of a registry:
        on: {push: {branches: [main, staging]}, pull_request: {branches: [main, staging]}}
        gto assign churn --version v1.2.0 --stage staging
    """

    weight = 1
    effort = Effort.HOURS

    def run(
        self, history: History, workflows: Workflows | None, modules: Modules | None
    ) -> Iterator[Finding | Evidence | Unknown]:
        found = [*in_ci(history, workflows), *in_registry(history, modules)]
        unread = workflows.unread if workflows else ()
        yield from (
            found
            or unread
            or (
                Finding("no staging or integration branch that CI names, no stage of a model registry, no environment"),
            )
        )

    examples = (
        passes({".github/workflows/ci.yml": CI}, "CI names the branch dev", branches={"dev": "2026-01-01"}),
        passes({"promote.py": "import mlflow\nc = mlflow.MlflowClient()\nc.set_registered_model_alias('a', 'b', 1)\n"}),
        passes({"promote.py": "from zenml import Model\nModel('m').set_stage('production')\n"}, "set_stage"),
        fails({".github/workflows/ci.yml": CI}, "no staging or integration branch"),
        fails({"train.py": ""}, "no staging or integration branch", branches={"dev": "2026-01-01"}),
    )


def in_ci(history: History, workflows: Workflows | None) -> Iterator[Evidence]:
    live = {ref.name for ref in history.snapshot.branches} - {history.snapshot.default_branch}
    for pipeline in workflows or ():
        for name in pipeline.branches:
            if name in live and INTEGRATION.fullmatch(name):
                line = max((line for line in pipeline.triggers.values() if line), default=None)
                yield Evidence(f"CI names the branch {name}", pipeline.path, line)
        for job in pipeline.jobs:
            if ENVIRONMENT.fullmatch(job.environment):
                yield Evidence(f"CI deploys to the environment {job.environment}", job.path, job.line)


def in_registry(history: History, modules: Modules | None) -> Iterator[Evidence]:
    staged = [tag.name for tag in history.tags if STAGE_TAG.fullmatch(tag.name)]
    if staged:
        yield Evidence(f"{len(staged)} tags give models a stage: {', '.join(staged[:3])}")
    for module in modules or ():
        for call in module.called(PROMOTION.fullmatch):
            if not is_fixture(module.path):
                yield Evidence(f"{call.name.rpartition('.')[2]} promotes a model", module.path, call.line)
