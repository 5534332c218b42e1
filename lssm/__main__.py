"""``python -m lssm`` is the command ``lssm``."""

import sys

from .cli import main

sys.exit(main())
