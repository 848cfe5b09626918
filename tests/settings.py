"""The site's settings for tests: state of their own, and an app whose jobs exist only to be run.

A process that a test starts gets the folder to use as MLHEALTH_TEST_DATA.
"""

import os
import tempfile

os.environ["MLHEALTH_DATA"] = os.environ.get("MLHEALTH_TEST_DATA") or tempfile.mkdtemp(prefix="mlhealth-tests-")

from mlhealth.settings import *  # noqa: F403
from mlhealth.settings import DATABASES, INSTALLED_APPS, LEASE_SECONDS, RETRY_SECONDS, STATIC_ROOT

INSTALLED_APPS = [*INSTALLED_APPS, "tests.chores"]
# A worker that a test starts and kills is not waited for.
LEASE_SECONDS = float(os.environ.get("MLHEALTH_TEST_LEASE", LEASE_SECONDS))
RETRY_SECONDS = float(os.environ.get("MLHEALTH_TEST_RETRY", RETRY_SECONDS))
# Two test runs may share one server.
DATABASES["default"].setdefault("TEST", {"NAME": f"mlhealth_test_{os.getpid()}"})
# WhiteNoise warns where nothing was collected.
STATIC_ROOT.mkdir(exist_ok=True)
