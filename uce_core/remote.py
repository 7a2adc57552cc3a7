"""Folders by their addresses: of an object store, such as s3://bucket/path, through fsspec; else of this machine.

A path of a store is no Path, but has what is used of one; what a store does otherwise is done here. Its errors are said
in one sentence. Knows nothing about what is in the files.
"""

import io
import os
import re
import traceback
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, TypeVar, cast

from uce_core.problems import Problem

if TYPE_CHECKING:
    from upath import UPath

PASSWORD = re.compile(r"[^@]*:[^@]*@")  # of what follows ://, which may have slashes in it
AT_ONCE = 16  # requests to a store, each of which waits for an answer
Item = TypeVar("Item")
Found = TypeVar("Found")


def folder_of(text: str) -> Path:
    """The folder of that path or address. Raises ValueError if a store cannot be reached, or the address holds a
    password, which would be told to whoever is told of the folder."""
    protocol, is_address, rest = text.partition("://")
    if not is_address:
        return Path(text)
    if PASSWORD.match(rest):
        raise Problem(
            "password_in_address",
            "The folder's address seems to hold a password: leave it out, and set AWS_ACCESS_KEY_ID and "
            "AWS_SECRET_ACCESS_KEY in the environment.",
        )
    if not rest.strip("/"):
        raise _bad_address(text)
    folder = _opened(text, protocol)
    if folder.protocol in ("file", "local"):
        return Path(folder.path)
    found = cast(Path, folder)
    with reaching(found):
        try:
            folder.fs.ls(folder.path, detail=False)
        except FileNotFoundError as error:
            if error.__cause__:  # the store said so: there is no such bucket; else there is only nothing in it yet
                raise
    return found


def _opened(text: str, protocol: str) -> "UPath":
    try:
        from fsspec import get_filesystem_class
        from upath import UPath

        of_store = get_filesystem_class(protocol).async_impl
    except ImportError as error:
        raise Problem(
            "no_remote_library",
            "{folder} needs a package that is not installed ({reason}): install it, for s3:// with pip install -r "
            "requirements-remote.txt.",
            folder=text,
            reason=str(error),
        ) from None
    except ValueError:
        raise _bad_address(text) from None
    options: dict[str, Any] = {"use_listings_cache": False} if of_store else {}  # others write there, too
    found: UPath = UPath(text, **options)
    return found


def _bad_address(text: str) -> Problem:
    return Problem(
        "bad_folder_address",
        "The address {folder} is none that is known: use one such as s3://BUCKET/PATH, or a folder's path.",
        folder=text,
    )


def remote(path: Path) -> "UPath | None":
    """The same, if it is of a store."""
    return None if isinstance(path, Path) else path


@contextmanager
def reaching(folder: Path) -> Iterator[None]:
    """A block that reads and writes a folder. Raises ValueError where its store fails, whatever else the block raises
    as it is."""
    try:
        yield
    except Exception as error:
        if not remote(folder) or not _of_store(error):
            raise
        raise Problem(
            "folder_out_of_reach",
            "{folder} cannot be read or written ({reason}): check the address, and in the environment "
            "AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_ENDPOINT_URL.",
            folder=str(folder),
            reason=next(iter(str(error).splitlines()), type(error).__name__).rstrip("."),
        ) from error


def _of_store(error: Exception) -> bool:
    """Whether it came through fsspec: stores have errors of their own, which have no class in common."""
    modules = (frame.f_globals.get("__name__", "") for frame, _ in traceback.walk_tb(error.__traceback__))
    return any(name.partition(".")[0] == "fsspec" for name in modules)


def names_in(folder: Path) -> set[str]:
    """Of what is in it; none if it is not there."""
    if there := remote(folder):
        with suppress(FileNotFoundError):
            return {name.rstrip("/").rpartition("/")[2] for name in there.fs.ls(there.path, detail=False)}
        return set()
    return set(os.listdir(folder)) if folder.is_dir() else set()


def make(folder: Path) -> None:
    """With its parents, if it is not there. A store has none: a name may begin with any."""
    if not remote(folder):
        folder.mkdir(parents=True, exist_ok=True)


def readable(path: Path) -> Path | io.BytesIO:
    """A file for libraries that read a path or an open file."""
    there = remote(path)
    return io.BytesIO(there.fs.cat_file(there.path)) if there else path


def remove(path: Path) -> None:
    """A file, if it is there."""
    if there := remote(path):
        with suppress(FileNotFoundError):
            there.fs.rm_file(there.path)
    else:
        path.unlink(missing_ok=True)


@contextmanager
def uploaded(path: "UPath") -> Iterator[Path]:
    """A file of this machine to write to, that is in the store at the end, whole or not at all."""
    with TemporaryDirectory() as folder:
        part = Path(folder) / path.name
        yield part
        path.fs.put_file(str(part), path.path)


def local_files(folder: Path) -> Callable[[Path], Path]:
    """Where a folder's files are on this machine, for libraries that read nothing else. A store's are fetched when they
    are first asked for, and kept as long as what is returned here."""
    there = remote(folder)
    if there is None:
        return lambda path: path
    from fsspec.implementations.cached import SimpleCacheFileSystem

    kept = SimpleCacheFileSystem(fs=there.fs, same_names=True, skip_instance_cache=True)

    def fetched(path: Path) -> Path:
        with kept.open(str(path)) as file:
            return Path(file.name)

    return fetched


def for_each(folder: Path, do: Callable[[Item], Found], items: Iterable[Item]) -> list[Found]:
    """What is done with files of a folder, in their order; some at once where it waits for a store."""
    if not remote(folder):
        return [do(item) for item in items]
    with ThreadPoolExecutor(AT_ONCE) as pool:
        return list(pool.map(do, items))
