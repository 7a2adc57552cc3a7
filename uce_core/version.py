"""The one version number, of the package, both commands and edit files, and by what name a command was called.

pyproject.toml reads VERSION from the text of this module.
"""

import sys
from pathlib import Path

VERSION = "0.3.0"


def called(command: str, module: str) -> str:
    """For a command's help: the installed command, or python -m and the package, whichever was typed."""
    return command if Path(sys.argv[0]).stem == command else f"python -m {module}"
