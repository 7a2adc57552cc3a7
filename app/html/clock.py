"""Moments by a visitor's own clock: the page says its time zone in a cookie."""

from datetime import UTC, datetime, tzinfo
from functools import cache
from urllib.parse import unquote
from zoneinfo import ZoneInfo, available_timezones

import gradio as gr

COOKIE = "uce-zone"
HEAD = (
    f"<script>document.cookie = '{COOKIE}=' + encodeURIComponent(Intl.DateTimeFormat().resolvedOptions().timeZone)"
    " + '; path=/; samesite=lax'</script>"
)


def zone_of(request: gr.Request) -> tzinfo:
    """The visitor's; UTC where the page did not say, as in a frame that may keep no cookies, or named none."""
    name = unquote(request.cookies.get(COOKIE, ""))
    return ZoneInfo(name) if name in _known() else UTC


@cache
def _known() -> set[str]:
    """Names that may be looked for among files."""
    return available_timezones()


def moment(when: datetime, zone: tzinfo) -> str:
    """To the minute, with the year where it is another than this one, and with the zone where it may not be the
    visitor's."""
    try:
        there = when.astimezone(zone)
    except OverflowError:  # of the last and the first days of the calendar
        return when.isoformat()
    year = "" if there.year == datetime.now(zone).year else "%Y-"
    return there.strftime(f"{year}%m-%d %H:%M") + (" UTC" if zone is UTC else "")


def moment_in(text: str, zone: tzinfo) -> str:
    """The same, of a moment in ISO 8601; any other text as it is."""
    try:
        return moment(datetime.fromisoformat(text), zone)
    except ValueError:
        return text
