"""python -m apps.audit PATH"""

import gc
import sys

from apps.audit.cli import main

# Syntax trees have no cycles, and looking for some among their nodes would take a quarter of the time.
gc.disable()
sys.exit(main())
