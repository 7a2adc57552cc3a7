"""Hashed passwords: who gets in, what is kept, and files that are none."""

import asyncio
import hashlib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from app import passwords


def checked(path: Path) -> Callable[[str, str], bool]:
    check = passwords.checker(path)

    async def checks(name: str, password: str) -> bool:
        return await check(name, password)

    def in_a_loop(name: str, password: str) -> bool:
        with ThreadPoolExecutor() as threads:  # this one may have a loop of Playwright's
            return threads.submit(asyncio.run, checks(name, password)).result()

    return in_a_loop


def test_only_the_right_password_gets_in_and_none_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "visitors"
    passwords.add(path, "jiwoo", "별밤 1889")
    passwords.add(path, "max", "sunflower")
    check = checked(path)
    assert check("jiwoo", "별밤 1889")
    assert check("max", "sunflower")
    assert not check("max", "별밤 1889")
    assert not check("max", "")
    assert not check("nobody", "sunflower")
    text = path.read_text(encoding="utf-8")
    assert "sunflower" not in text
    name, salt, digest = text.splitlines()[1].split(":")
    assert name == "max"
    assert hashlib.scrypt(b"sunflower", salt=bytes.fromhex(salt), n=16384, r=8, p=1).hex() == digest


def test_a_password_can_be_changed(tmp_path: Path) -> None:
    path = tmp_path / "visitors"
    for password in ("old", "new"):
        passwords.add(path, "max", password)
    assert checked(path)("max", "new")
    assert not checked(path)("max", "old")
    assert len(path.read_text().splitlines()) == 1


def test_what_is_no_file_of_passwords_is_refused(tmp_path: Path) -> None:
    for content in ("", "max:sunflower\n", "max:xx:yy\n"):
        (tmp_path / "wrong").write_text(content)
        with pytest.raises(ValueError, match="not a password file"):
            passwords.checker(tmp_path / "wrong")
    with pytest.raises(ValueError, match="not a password file"):
        passwords.checker(tmp_path / "missing")
    for name, password in (("", "x"), ("a:b", "x"), ("max", "")):
        with pytest.raises(ValueError, match="cannot be used"):
            passwords.add(tmp_path / "visitors", name, password)
