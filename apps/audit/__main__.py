"""python -m apps.audit PATH"""

import gc
import os
import sys
from contextlib import suppress

from apps.audit.cli import main

# Syntax trees have no cycles, and looking for some among their nodes would take a quarter of the time.
gc.disable()
status = main()
with suppress(BrokenPipeError):
    sys.stdout.flush()
os._exit(status)  # the kernel frees at once what it would take Python long to take apart
