"""Moments by the visitor's own clock."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from starlette.requests import Request

from app.html.clock import COOKIE, moment, moment_in, zone_of


def asking(zone: str) -> Request:
    return Request({"type": "http", "headers": [(b"cookie", f"{COOKIE}={zone}".encode())]})


@pytest.mark.parametrize(("said", "zone"), [("Asia%2FSeoul", ZoneInfo("Asia/Seoul")), ("UTC", ZoneInfo("UTC"))])
def test_the_page_says_its_zone(said: str, zone: ZoneInfo) -> None:
    assert zone_of(asking(said)) == zone


@pytest.mark.parametrize(
    "said", ["", "nowhere", "..%2F..%2Fetc%2Fpasswd", "%2Fetc%2Fpasswd", "Asia", "a%00b", "zone.tab", "a/" * 2_000]
)
def test_what_is_no_zone_is_utc(said: str) -> None:
    assert zone_of(asking(said)) is UTC


def test_a_moment_is_said_with_what_is_not_plain() -> None:
    seoul, now = ZoneInfo("Asia/Seoul"), datetime.now(UTC)
    assert moment(now, seoul) == f"{now + timedelta(hours=9):%m-%d %H:%M}"
    assert moment(now, UTC) == f"{now:%m-%d %H:%M} UTC"
    old = datetime(2020, 12, 31, 20, 5, tzinfo=UTC)
    assert moment(old, seoul) == "2021-01-01 05:05"
    assert moment_in("2020-12-31T20:05:00+00:00", seoul) == "2021-01-01 05:05"
    for text in ("<b>yesterday</b>", "", "9999-12-31T23:59:59+00:00", "0001-01-01T00:00:00+14:00"):
        assert moment_in(text, seoul) == text
