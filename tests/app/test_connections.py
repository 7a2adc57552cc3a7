"""Half-sent requests: closed in time, and only so many of one address."""

import asyncio
import contextlib
import socket
import threading
from collections.abc import AsyncIterator

import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from app.server import connections
from app.server.connections import AnyAddress, FewOfAnAddress

WHOLE = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"


async def answer(request: Request) -> Response:
    await asyncio.sleep(0.5)
    return PlainTextResponse("here")


@contextlib.asynccontextmanager
async def served(protocol: type[AnyAddress]) -> AsyncIterator[int]:
    app = Starlette(routes=[Route("/", answer)])
    server = uvicorn.Server(uvicorn.Config(app, http=protocol, log_level="critical", lifespan="off"))
    listening = socket.socket()
    listening.bind(("127.0.0.1", 0))
    task = asyncio.create_task(server.serve([listening]))
    while not server.started:
        await asyncio.sleep(0.01)
    yield listening.getsockname()[1]
    server.should_exit = True
    await task


async def said(port: int, sent: bytes, then: bytes = b"") -> bytes:
    """All that comes until the connection is closed."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(sent)
    if then:
        await reader.readuntil(b"here")
        writer.write(then)
    found = await asyncio.wait_for(reader.read(), 10)
    writer.close()
    await writer.wait_closed()
    return found


@pytest.fixture(autouse=True)
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "HEADERS", 0.2)
    monkeypatch.setattr(connections, "MOST", 3)


def in_a_loop(work: object) -> None:
    """Of its own: the browser tests' process has one running in this thread."""
    failed: list[BaseException] = []

    def go() -> None:
        try:
            asyncio.run(work)  # type: ignore[arg-type]
        except BaseException as error:
            failed.append(error)

    thread = threading.Thread(target=go)
    thread.start()
    thread.join()
    if failed:
        raise failed[0]


@pytest.mark.parametrize("sent", [b"", b"GET / HTT", WHOLE[:-2]])
def test_what_does_not_go_on_is_closed(sent: bytes) -> None:
    async def tried() -> None:
        async with served(AnyAddress) as port:
            assert await said(port, sent) == b""

    in_a_loop(tried())


def test_a_whole_request_has_its_time_and_a_half_one_behind_it_has_not() -> None:
    async def tried() -> None:
        async with served(AnyAddress) as port:
            assert await said(port, WHOLE, then=b"GET / HTT") == b""
            again = await said(port, WHOLE, then=WHOLE.replace(b"a\r\n", b"a\r\nConnection: close\r\n"))
            assert again.endswith(b"here")

    in_a_loop(tried())


def test_one_address_has_so_many_connections_and_no_more() -> None:
    async def tried() -> None:
        async with served(FewOfAnAddress) as port:
            held = [await asyncio.open_connection("127.0.0.1", port) for _ in range(3)]
            assert await asyncio.wait_for(said(port, WHOLE), 5) == b""
            for _, writer in held:
                writer.close()
                await writer.wait_closed()
            await asyncio.sleep(0.1)
            assert (await said(port, WHOLE.replace(b"a\r\n", b"a\r\nConnection: close\r\n"))).endswith(b"here")
        assert not FewOfAnAddress.here

    in_a_loop(tried())
