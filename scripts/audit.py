"""python -m scripts.audit: known vulnerabilities of what hosting installs (requirements.lock), by pip-audit.

Ends with 1 if there are any. What no service could be asked about is said, and is no failure: nobody who works without
a network could commit; but then it has not been audited.
"""

import json
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

LOCK = Path(__file__).resolve().parent.parent / "requirements.lock"
SERVICES = ("pypi", "osv")  # asked in turn, until one answers
AUDIT = ("--disable-pip", "--require-hashes", "--format", "json", "--progress-spinner", "off")


@dataclass(frozen=True)
class Audit:
    """vulnerable: a line for each vulnerability. known: how many packages the service knows. unknown: the others."""

    vulnerable: tuple[str, ...] = ()
    known: int = 0
    unknown: tuple[str, ...] = ()


def audit_in(text: str) -> Audit:
    """What pip-audit has printed; nothing if that is no answer."""
    try:
        packages = json.loads(text)["dependencies"]
    except ValueError:
        return Audit()
    known = [package for package in packages if "vulns" in package]
    return Audit(
        vulnerable=tuple(line for package in known for line in _lines(package)),
        known=len(known),
        unknown=tuple(str(package["name"]) for package in packages if "vulns" not in package),
    )


def _lines(package: dict[str, object]) -> Iterable[str]:
    found = package["vulns"]
    assert isinstance(found, list)
    for one in found:
        fixed = ", ".join(one["fix_versions"]) or "nowhere yet"
        yield f"{package['name']} {package['version']}: {one['id']}, fixed in {fixed}"


def ask(service: str) -> Audit:
    command = [sys.executable, "-m", "pip_audit", *AUDIT, "--vulnerability-service", service, "-r", str(LOCK)]
    return audit_in(subprocess.run(command, capture_output=True, text=True).stdout)


def told(audit: Audit) -> str:
    """What to print."""
    if not audit.known:
        return (
            "!!! NOT AUDITED: no vulnerability service answered. Run python -m scripts.audit where one can be reached."
        )
    lines = [*audit.vulnerable]
    if audit.unknown:
        lines.append(f"!!! NOT AUDITED: {', '.join(audit.unknown)}")
    return "\n".join([*lines, f"{len(audit.vulnerable)} known vulnerabilities in {audit.known} packages"])


def main() -> int:
    audit = next((found for service in SERVICES if (found := ask(service)).known), Audit())
    print(told(audit))
    return 1 if audit.vulnerable else 0


if __name__ == "__main__":
    sys.exit(main())
