"""python -m app.passwords FILE NAME: add a visitor to a file of hashed passwords, for python -m app --auth-file.

A line is name:salt:hash, hexadecimal, hashed by scrypt; the password is asked for, or read from standard
input, and never kept.
"""

import asyncio
import getpass
import hashlib
import hmac
import logging
import os
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path

from uce_core.files import write_text
from uce_core.problems import Problem

COST: dict[str, int] = {"n": 2**14, "r": 8, "p": 1}  # about 50 ms and 16 MB each time

AT_A_TIME = 2  # passwords hashed
LONGEST = 1000  # characters of a password that are looked at


def hashed(password: str, salt: bytes) -> bytes:
    return hashlib.scrypt(password.encode(), salt=salt, **COST)


def read(path: Path) -> dict[str, tuple[bytes, bytes]]:
    """Salt and hash by name. Raises ValueError if the file cannot be read as such."""
    try:
        lines = [line.split(":") for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
        found = {name: (bytes.fromhex(salt), bytes.fromhex(digest)) for name, salt, digest in lines}
    except (OSError, ValueError):
        raise Problem(
            "not_a_password_file", "{path} is not a password file: create it with python -m app.passwords.", path=path
        ) from None
    if not found:
        raise Problem(
            "not_a_password_file", "{path} is not a password file: create it with python -m app.passwords.", path=path
        )
    return found


def add(path: Path, name: str, password: str) -> None:
    """Add a visitor, or change the password."""
    if not name or ":" in name or name != " ".join(name.split()) or not password:
        raise Problem(
            "bad_name_or_password",
            "The name {name!r} or the password cannot be used: neither may be empty, and a name has "
            "no colons or extra spaces.",
            name=name,
        )
    known = read(path) if path.is_file() else {}
    salt = os.urandom(16)
    known[name] = (salt, hashed(password, salt))
    write_text(path, "".join(f"{who}:{s.hex()}:{digest.hex()}\n" for who, (s, digest) in known.items()))
    path.chmod(0o600)


def checker(path: Path) -> Callable[[str, str], Awaitable[bool]]:
    """Whether a name and a password belong together, in a time that does not tell whether the name is known. Hashing
    is done beside the page's own work, a few at a time."""
    known = read(path)
    nobody = (bytes(16), bytes(64))
    room = asyncio.Semaphore(AT_A_TIME)

    async def check(name: str, password: str) -> bool:
        salt, digest = known.get(name, nobody)
        async with room:
            given = await asyncio.to_thread(hashed, password[:LONGEST], salt)
        right = hmac.compare_digest(given, digest) and name in known
        if not right:
            logging.getLogger(__name__).warning("a log-in failed")
        return right

    return check


def main() -> int:
    if len(sys.argv) != 3:
        print("Usage: python -m app.passwords FILE NAME", file=sys.stderr)
        return 2
    password = getpass.getpass() if sys.stdin.isatty() else sys.stdin.readline().rstrip("\n")
    try:
        add(Path(sys.argv[1]), sys.argv[2], password)
    except (ValueError, OSError) as error:
        print(f"Error: {error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
