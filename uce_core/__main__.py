"""python -m uce_core"""

import sys

from uce_core.cli import main

sys.exit(main())
