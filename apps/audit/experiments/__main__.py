"""python -m apps.audit.experiments PATH"""

import gc
import sys

from apps.audit.experiments.cli import main

gc.disable()
sys.exit(main())
