"""python -m app.passwords FILE NAME: add a visitor to a file of hashed passwords, for python -m app --auth-file.

A line is name:salt:hash, hexadecimal, hashed by scrypt; the password is asked for, or read from standard
input, and never kept.
"""

import getpass
import hashlib
import hmac
import os
import sys
from collections.abc import Callable
from pathlib import Path

from uce_core.files import write_text
from uce_core.problems import Problem

COST: dict[str, int] = {"n": 2**14, "r": 8, "p": 1}  # about 50 ms and 16 MB each time


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


def checker(path: Path) -> Callable[[str, str], bool]:
    """Whether a name and a password belong together, in a time that does not tell whether the name is known."""
    known = read(path)
    nobody = (bytes(16), bytes(64))

    def check(name: str, password: str) -> bool:
        salt, digest = known.get(name, nobody)
        return hmac.compare_digest(hashed(password, salt), digest) and name in known

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
