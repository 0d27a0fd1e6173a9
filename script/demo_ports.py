"""The loopback ports of a demonstration: which are free, what answers there, and what it says where it cannot go on."""

import contextlib
import socket
import urllib.error
import urllib.request
from collections.abc import Callable


class Failure(Exception):
    """The demonstration cannot go on; the message says why, in Chinese and in English."""


class PortTaken(Failure):
    """Another program has come to listen on a port between the look for a free one and the start."""


def is_free(port: int) -> bool:
    with socket.socket() as probe, contextlib.suppress(OSError):
        # A port in TIME_WAIT from the last run is as good as free.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind(("127.0.0.1", port))
        return True
    return False


def free_port(preferred: int | None) -> int:
    """The first free loopback port from the preferred one on; any free one if none is preferred."""
    if preferred is None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            return int(probe.getsockname()[1])
    for port in range(preferred, preferred + 100):
        if is_free(port):
            return port
    raise Failure(f"从 {preferred} 起的 100 个端口都被占用。\nAll 100 ports from {preferred} on are taken.")


# No proxy of the environment may stand between this program and the loopback address.
_direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def answers(url: str) -> Callable[[], bool]:
    def check() -> bool:
        try:
            with _direct.open(url, timeout=2) as response:
                return bool(response.status == 200)
        except (urllib.error.URLError, OSError):
            return False

    return check
