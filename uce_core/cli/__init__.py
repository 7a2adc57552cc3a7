"""uce …, or python -m uce_core …: the engine on the command line.

Each command prints human text, or one JSON object with --json. Exit 0, or 2 with one line on stderr.
"""

import logging
import sys
from collections.abc import Sequence
from typing import Any

import typer

from uce_core.cli import (
    bench,
    compare,
    debias,
    edit_files,
    erase,
    evaluate,
    grid,
    methods,
    review,
    runs,
    studies,
    sweep,
    tasks,
)
from uce_core.cli.options import app
from uce_core.generation.progress import Cancelled
from uce_core.runtime import as_told, is_out_of_memory
from uce_core.version import called

UsageError: Any = typer.BadParameter.__mro__[1]  # of whichever click this typer is built on
# Each has its own:
COMMANDS = (erase, debias, compare, grid, edit_files, evaluate, tasks, sweep, methods, studies, runs, review, bench)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; returns the exit status."""
    logging.basicConfig(level=logging.ERROR)
    try:
        return int(app(arguments, prog_name=called("uce", "uce_core"), standalone_mode=False) or 0)
    except UsageError as error:
        return fail(error.format_message())
    except Cancelled:
        return fail("stopped before anything was done.")
    except typer.Abort:  # Ctrl-C, where nothing can be kept of what is half done
        return fail("stopped.")
    except (ValueError, OSError) as error:
        return fail(str(error))
    except (RuntimeError, MemoryError) as error:
        if not is_out_of_memory(error):
            raise
        return fail(str(as_told(error)))


def fail(sentence: str) -> int:
    print("Error: " + " ".join(sentence.split()), file=sys.stderr)
    return 2
