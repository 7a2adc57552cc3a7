"""A connection to a Ray cluster, and how many workers it has room for. Knows nothing about what they do; without
PyTorch, so that a program can ask at its start.
"""

import ctypes
import signal
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any

from uce_core.problems import Problem

PATIENCE = 10.0  # seconds in which a cluster is to answer
MOMENT = 0.02  # seconds in which SIGTERM may still end the program at once
SIGACTION = 1024  # bytes, more than a struct sigaction has anywhere
LOCAL = "local"  # a cluster of this machine alone, begun for this


@dataclass(frozen=True)
class Room:
    """gpus: whether each worker has one, else cores. workers: how many can be begun."""

    gpus: bool
    workers: int


@contextmanager
def connected(address: str) -> Iterator[Any]:
    """Ray, connected until it is left. address: as ray.init takes it, "auto" for the cluster that this machine belongs
    to, LOCAL for one of its own. Raises ValueError if Ray is not installed, or there is no such cluster."""
    ray = _connect(address)
    try:
        yield ray
    finally:
        with suppress(Exception), _sigterm_kept():  # the cluster may be gone
            ray.shutdown()


def room_on(ray: Any, cores: int) -> Room:
    """cores: of each worker, where there are no GPUs. Raises ValueError if no machine has as many."""
    gpus = ray.cluster_resources().get("GPU", 0) >= 1
    kind, each = ("GPU", 1) if gpus else ("CPU", cores)
    workers = sum(int(node["Resources"].get(kind, 0)) // each for node in ray.nodes() if node["Alive"])
    if not workers:
        raise Problem("no_room", "No machine of the cluster has {cores} CPU cores: use fewer --cores.", cores=cores)
    return Room(gpus, workers)


def check_cluster(address: str, cores: int) -> None:
    """Raises ValueError if it cannot be worked with; LOCAL is not begun for that, which takes long."""
    if address == LOCAL:
        _imported()
        return
    with connected(address) as ray:
        room_on(ray, cores)


def _imported() -> Any:
    try:
        import ray
    except ImportError:
        raise Problem("no_ray", "Ray is not installed: install it with pip install -r requirements-ray.txt.") from None
    return ray


def _connect(address: str) -> Any:
    ray = _imported()
    if address.startswith("ray://"):
        raise Problem(
            "ray_client_address",
            "{address} is an address of Ray Client, whose program need not see the cluster's files; this one must: "
            "give the command on a machine of the cluster, with --ray auto.",
            address=address,
        )
    try:
        host, _, port = address.rpartition(":")
        if port.isdigit():  # Ray would wait for minutes
            socket.create_connection((host, int(port)), PATIENCE).close()
        with _sigterm_kept():
            ray.init(address=address, log_to_driver=False, configure_logging=False)
    except (OSError, ValueError, RuntimeError) as error:
        reason = next(iter(str(error).splitlines()), type(error).__name__)
        raise Problem(
            "no_ray_cluster",
            "There is no Ray cluster at {address} that answers ({reason}): begin one with ray start --head, or use "
            "--ray local; if it asks for a token, have its ~/.ray/auth_token here, and set RAY_AUTH_MODE=token.",
            address=address,
            reason=reason,
        ) from error
    return ray


@contextmanager
def _sigterm_kept() -> Iterator[None]:
    """Ray (2.60.0) takes SIGTERM from the program when it begins, and again when it ends, so that the program ends
    without an end of its own; only in the main thread does it give it another handler. In other threads Python cannot
    set one either, but the C library can."""
    if threading.current_thread() is threading.main_thread():
        yield
        return
    libc, before, done = ctypes.CDLL(None), ctypes.create_string_buffer(SIGACTION), threading.Event()
    libc.sigaction(signal.SIGTERM, None, before)

    def keep() -> None:  # also while it takes seconds
        while not done.wait(MOMENT):
            libc.sigaction(signal.SIGTERM, before, None)

    keeping = threading.Thread(target=keep, daemon=True)
    keeping.start()
    try:
        yield
    finally:
        done.set()
        keeping.join()
        libc.sigaction(signal.SIGTERM, before, None)
