"""An HTTP exchange that is over after so many seconds in all: name, connection, sending, headers and body.

A socket's own timeout begins anew with every byte, and looking up a name knows none. So each exchange has a thread
of its own: when its time is up its connection is shut down, which wakes the thread wherever it waits, and whoever
waits for it goes on.
"""

import socket
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Generic, TypeVar

import requests.adapters
import urllib3
import urllib3.connection

Answer = TypeVar("Answer")


class TimeIsUp(Exception):
    """The exchange did not end in time."""


class _Exchange(threading.Thread, Generic[Answer]):
    def __init__(self, talk: Callable[[], Answer]) -> None:
        # A lookup that hangs must not keep the process from ending.
        super().__init__(name="exchange", daemon=True)
        self.talk = talk
        self.answers: list[Answer] = []
        self.error: BaseException | None = None
        self._lock = threading.Lock()
        self._over = False
        self._followed: list[socket.socket] = []

    def run(self) -> None:
        _running.exchange = self
        try:
            self.answers.append(self.talk())
        except BaseException as error:
            self.error = error

    def follow(self, connection: socket.socket) -> None:
        """From now on the end of the exchange is the end of this connection; TimeIsUp where that was before."""
        # A handle of our own: the connection's may be handed on to TLS, or closed and its number given to another.
        handle = socket.fromfd(connection.fileno(), connection.family, connection.type)
        with self._lock:
            if self._over:
                handle.close()
                connection.close()
                raise TimeIsUp
            self._followed.append(handle)

    def end(self) -> None:
        """Nothing more is sent or read, if anything still is."""
        with self._lock:
            self._over = True
            for handle in self._followed:
                if self.is_alive():
                    with suppress(OSError):
                        handle.shutdown(socket.SHUT_RDWR)
                handle.close()
            self._followed.clear()


# Which exchange the running thread is.
_running = threading.local()


def in_all(seconds: float, talk: Callable[[], Answer]) -> Answer:
    """What ``talk`` returns or raises, if it is done within so many seconds; TimeIsUp otherwise.

    ``talk`` may speak over one session with a ``Transport``, and must not touch the database.
    """
    exchange = _Exchange(talk)
    exchange.start()
    try:
        exchange.join(seconds)
        if exchange.is_alive():
            raise TimeIsUp
    finally:
        exchange.end()
    if exchange.error:
        raise exchange.error
    return exchange.answers[0]


class Transport(requests.adapters.HTTPAdapter):
    """Connections that belong to the exchange that uses them; mount it in a session."""

    def init_poolmanager(self, *args: Any, **options: Any) -> None:
        super().init_poolmanager(*args, **options)
        self.poolmanager.pool_classes_by_scheme = {"http": _Pool, "https": _SecurePool}


class _Connection(urllib3.connection.HTTPConnection):
    def _new_conn(self) -> socket.socket:
        connection = super()._new_conn()
        _running.exchange.follow(connection)
        return connection

    def request(self, *args: Any, **options: Any) -> None:
        # One that was kept from an earlier exchange.
        if self.sock is not None:
            _running.exchange.follow(self.sock)
        super().request(*args, **options)


class _SecureConnection(_Connection, urllib3.connection.HTTPSConnection):
    pass


class _Pool(urllib3.HTTPConnectionPool):
    ConnectionCls = _Connection


class _SecurePool(urllib3.HTTPSConnectionPool):
    ConnectionCls = _SecureConnection
