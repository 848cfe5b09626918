"""python -m apps.audit PATH"""

import sys

from apps.audit.cli import main

sys.exit(main())
