"""python -m tests.chores WAY"""

import sys

from tests.chores.cli import main

sys.exit(main())
