"""A platform that answers whatever bytes it likes: a plain socket, no HTTP library to make them well-formed."""

import json
import re
import socket
import threading
from collections.abc import Callable, Iterable
from typing import Any


def http(status: int | bytes, body: bytes | str | dict[str, Any] = b"", headers: bytes = b"") -> bytes:
    """An answer as it goes over the wire; a text or an object is JSON already, or is made so."""
    if isinstance(body, dict):
        body = json.dumps(body)
    if isinstance(body, str):
        body = body.encode()
    line = status if isinstance(status, bytes) else b"%d Some Reason" % status
    return b"HTTP/1.1 " + line + b"\r\n" + headers + b"Content-Length: %d\r\n\r\n" % len(body) + body


class RawPlatform:
    """``answer(payload)`` gives the pieces of an answer to a message; ``hung_up`` says when a connection is over.

    ``reads``: whether it takes a message at all before it answers; ``keeps``: whether it waits for a next one.
    """

    def __init__(
        self,
        answer: Callable[[dict[str, Any]], Iterable[bytes]],
        *,
        reads: bool = True,
        keeps: bool = False,
    ) -> None:
        self.answer, self.reads, self.keeps = answer, reads, keeps
        self.hung_up = threading.Event()
        self.messages: list[dict[str, Any]] = []
        self.listener = socket.socket()
        self.listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        self.listener.bind(("127.0.0.1", 0))
        self.listener.listen(8)
        self.port: int = self.listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        self.listener.close()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=[connection], daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        try:
            with connection:
                while payload := self._read(connection) if self.reads else {"unread": True}:
                    self.messages.append(payload)
                    for piece in self.answer(payload):
                        connection.sendall(piece)
                    if not self.keeps:
                        break
        except OSError:
            pass
        self.hung_up.set()

    def _read(self, connection: socket.socket) -> dict[str, Any] | None:
        """The next message; None where the connection ends."""
        head, body = b"", b""
        while b"\r\n\r\n" not in head:
            piece = connection.recv(65536)
            if not piece:
                return None
            head += piece
        head, _, body = head.partition(b"\r\n\r\n")
        length = int(re.search(rb"content-length: (\d+)", head.lower())[1])
        while len(body) < length:
            body += connection.recv(65536)
        return json.loads(body)
