"""How far a command is, in a batch job's log."""

from itertools import count

import pytest

from uce_core.cli.options import progress
from uce_core.cli.progress_lines import ProgressLines


def test_a_line_a_minute_says_how_much_is_done_and_left(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of 1,000, 400 were there before; 300 in five minutes are one a second."""
    lines = list[str]()
    tell = ProgressLines(lines.append)
    for seconds, done in ((0, 400), (30, 430), (300, 700), (310, 710), (600, 1000)):
        monkeypatch.setattr("time.monotonic", lambda now=seconds: 5000.0 + now)
        tell(done, 1000)
    assert lines == ["700 of 1,000 after 0:05:00, 0:05:00 left", "1,000 of 1,000 after 0:10:00, 0:00:00 left"]


def test_what_stands_still_has_no_time_left(monkeypatch: pytest.MonkeyPatch) -> None:
    lines = list[str]()
    tell = ProgressLines(lines.append)
    for seconds in (0, 61):
        monkeypatch.setattr("time.monotonic", lambda now=seconds: float(now))
        tell(0, 10)
    assert lines == ["0 of 10 after 0:01:01"]


def test_lines_go_to_stderr_but_not_beside_json(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    seconds = count(0, 100)
    monkeypatch.setattr("time.monotonic", lambda: float(next(seconds)))
    for as_json in (False, True):
        with progress(as_json) as tell:
            for done in (0, 1):
                tell(done, 4)
    said = capsys.readouterr()
    assert said.err.startswith("1 of 4 after 0:01:40, 0:05:00 left")
    assert said.err.count("of 4") == 1
    assert not said.out
