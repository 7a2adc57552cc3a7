"""What is installed: the lock has a version for everything that is asked for, each known by hashes."""

import re
import tomllib
from collections import defaultdict
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from scripts.audit import Audit, audit_in, told

ROOT = Path(__file__).resolve().parent.parent
ASKED = ("requirements.txt", "requirements-postgresql.txt")
LINE = re.compile(r"[^\\\n]+(?: \\\n    --hash=sha256:[0-9a-f]{64})+")


def asked(name: str) -> list[Requirement]:
    lines = (line.split("#")[0].strip() for line in (ROOT / name).read_text(encoding="utf-8").splitlines())
    return [Requirement(line) for line in lines if line and not line.startswith("-")]


def locked() -> dict[str, list[Requirement]]:
    """By name; a package may have one version for some Pythons and another one for others."""
    found: dict[str, list[Requirement]] = defaultdict(list)
    for line in LINE.findall((ROOT / "requirements.lock").read_text(encoding="utf-8")):
        requirement = Requirement(line.split(" \\")[0])
        found[canonicalize_name(requirement.name)].append(requirement)
    return found


def test_the_lock_is_nothing_but_pinned_versions_with_hashes() -> None:
    text = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    assert LINE.sub("", text).strip() == ""
    for requirement in (one for several in locked().values() for one in several):
        assert re.fullmatch(r"==[\w.+!-]+", str(requirement.specifier)), requirement


@pytest.mark.parametrize("name", ASKED)
def test_the_lock_has_a_version_of_everything_that_is_asked_for(name: str) -> None:
    found = locked()
    for wanted in asked(name):
        versions = found[canonicalize_name(wanted.name)]
        assert versions, f"{wanted.name}: write the lock again"
        for one in versions:
            [pin] = one.specifier
            assert wanted.specifier.contains(pin.version), f"{one} is not {wanted}: write the lock again"
        for extra in wanted.extras:
            assert canonicalize_name(f"{wanted.name}-{extra}") in found


def test_the_command_that_writes_the_lock_is_documented_with_all_that_it_is_of() -> None:
    [command] = re.findall(r"^uv pip compile .*", (ROOT / "docs" / "hosting.md").read_text(encoding="utf-8"), re.M)
    words = command.split()
    assert [word for word in words if word.endswith(".txt")] == list(ASKED)
    assert words[-2:] == ["-o", "requirements.lock"]
    assert {"--universal", "--generate-hashes", "--no-emit-index-url"} <= set(words)


def test_the_extras_are_what_the_tests_use() -> None:
    pyproject = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    extras = pyproject["tool"]["setuptools"]["dynamic"]["optional-dependencies"]
    assert extras == {name: {"file": f"requirements-{name}.txt"} for name in ("nudenet", "postgresql", "ray", "remote")}
    used = (ROOT / "requirements-dev.txt").read_text(encoding="utf-8").splitlines()
    assert all(f"-r {extra['file']}" in used for extra in extras.values())


SOUND = '{"name": "sound", "version": "1.0", "vulns": []}'
FAULTY = '{"name": "faulty", "version": "1.0", "vulns": [{"id": "PYSEC-1", "fix_versions": ["1.1"]}]}'
NOT_FOUND = '{"name": "strange", "skip_reason": "not found"}'


@pytest.mark.parametrize(
    ("printed", "found", "line"),
    [
        ("", Audit(), "!!! NOT AUDITED: no"),
        ("Traceback (most recent call last):", Audit(), "!!! NOT AUDITED: no"),
        (f'{{"dependencies": [{NOT_FOUND}]}}', Audit(unknown=("strange",)), "!!! NOT AUDITED: no"),
        (f'{{"dependencies": [{SOUND}, {NOT_FOUND}]}}', Audit((), 1, ("strange",)), "!!! NOT AUDITED: strange"),
        (f'{{"dependencies": [{SOUND}]}}', Audit((), 1), "0 known vulnerabilities in 1 packages"),
        (
            f'{{"dependencies": [{SOUND}, {FAULTY}]}}',
            Audit(("faulty 1.0: PYSEC-1, fixed in 1.1",), 2),
            "faulty 1.0: PYSEC-1, fixed in 1.1",
        ),
    ],
    ids=["nothing", "no answer", "unknown", "partly", "sound", "vulnerable"],
)
def test_an_audit_without_an_answer_is_not_taken_for_one(printed: str, found: Audit, line: str) -> None:
    assert audit_in(printed) == found
    assert told(found).startswith(line)
