"""The soak in its short form: mixed load and faults through the real interface; nothing is mixed up or lost."""

import re
import subprocess
import sys
from pathlib import Path

from tests.app.serving import free_port

ROOT = Path(__file__).resolve().parents[2]


def test_nothing_is_mixed_up_or_lost_under_mixed_load() -> None:
    bounds = ["--clients", "4", "--edits", "2", "--comparisons", "12", "--minutes", "3"]
    command = [sys.executable, "-m", "benchmarks.soak", *bounds, "--metrics-port", str(free_port())]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=900)
    assert done.returncode == 0, done.stderr
    said = dict(re.findall(r"^\| (.+?) \| (.+?) \|$", done.stdout, re.M))
    assert int(said["compared"]) >= 12
    assert said["mixed up"] == said["runs lost"] == "0"
    assert not [what for what in said if "traceback" in what or what.startswith("failed")]
    assert {"memory in the first third, MB a minute", "memory in the last third, MB a minute"} <= said.keys()
