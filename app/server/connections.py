"""Connections that are held open and ask for nothing: closed after a while, and only so many of one address.

uvicorn waits for a request's headers for ever, and Gradio's launch has no setting for how it serves. Knows nothing
about what is asked.
"""

import asyncio
import resource
from collections import Counter
from typing import Any, ClassVar

import uvicorn.config
from uvicorn.protocols.http.auto import AutoHTTPProtocol

HEADERS = 10.0  # seconds in which a request's must have come
MOST = 200  # connections of one address; a browser has six to a page
FILES = 65_536  # that the process may have open, a connection being one


def watch_connections(behind_proxy: bool) -> None:
    """Before the app is served. behind_proxy: all connections are the proxy's, which does its own counting."""
    protocol = AnyAddress if behind_proxy else FewOfAnAddress
    uvicorn.config.HTTP_PROTOCOLS["auto"] = f"{__name__}:{protocol.__name__}"
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    enough = FILES if hard == resource.RLIM_INFINITY else min(FILES, hard)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, enough), hard))


class AnyAddress(AutoHTTPProtocol):  # type: ignore[misc, valid-type]  # one of two classes, by what is installed
    """Of a connection on which a request has begun, or none has come, nothing is heard for ever."""

    late: asyncio.TimerHandle | None = None

    def connection_made(self, transport: Any) -> None:
        super().connection_made(transport)
        self._watch()

    def data_received(self, data: bytes) -> None:
        before = self.cycle
        super().data_received(data)
        if self.cycle is not before:  # its headers have come
            self._heard()
        elif self.cycle is None or self.cycle.response_complete:
            self._watch()

    def connection_lost(self, exc: Exception | None) -> None:
        self._heard()
        super().connection_lost(exc)

    def _watch(self) -> None:
        if self.late is None:
            self.late = asyncio.get_running_loop().call_later(HEADERS, self.transport.close)

    def _heard(self) -> None:
        if self.late:
            self.late.cancel()
        self.late = None


class FewOfAnAddress(AnyAddress):
    """Beyond MOST, a connection is closed as it comes."""

    here: ClassVar[Counter[str]] = Counter()

    def connection_made(self, transport: Any) -> None:
        super().connection_made(transport)
        self._address = self.client[0] if self.client else ""
        self.here[self._address] += 1
        if self.here[self._address] > MOST:
            transport.close()

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        self.here[self._address] -= 1
        if not self.here[self._address]:
            del self.here[self._address]
