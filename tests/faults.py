"""What a machine does to a program, done to it on purpose."""

import os
import resource
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

NOBODY = 65534


@contextmanager
def files_of_at_most(size: int) -> Iterator[None]:
    """The system takes no more bytes in any file, as on a disk that is full."""
    _, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))


@contextmanager
def folder_of_another_user(fill: Callable[[Path], object] = lambda folder: None) -> Iterator[Path]:
    """One that may be read and not be written; who is everybody's superuser is nobody meanwhile. fill: puts something
    into it before."""
    superuser = os.geteuid() == 0
    with tempfile.TemporaryDirectory() as name:
        fill(Path(name))
        os.chmod(name, 0o555)
        if superuser:
            os.seteuid(NOBODY)
        try:
            yield Path(name)
        finally:
            if superuser:
                os.seteuid(0)
            os.chmod(name, 0o755)
