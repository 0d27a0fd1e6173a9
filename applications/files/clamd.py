"""What is spoken with clamd, ClamAV's daemon: one file over its INSTREAM command."""

import socket

PIECE = 64 * 1024
CONNECT_SECONDS = 2
# A PDF that unpacks to much takes a while; clamd itself gives up after two minutes (MaxScanTime).
ANSWER_SECONDS = 130


class Away(OSError):
    """There is no clamd at the address, or it broke off."""


class NotScanned(Exception):
    """clamd is there and does not say what the file is: in its own words."""


def threat_in(content: bytes, address: str) -> str:
    """What clamd finds in the file, as it calls it; empty where it finds nothing.

    ``address``: the path of its socket, or host:port. Raises Away or NotScanned.
    """
    try:
        with _connected(address) as connection:
            connection.settimeout(ANSWER_SECONDS)
            connection.sendall(b"zINSTREAM\0")
            for start in range(0, len(content), PIECE):
                piece = content[start : start + PIECE]
                connection.sendall(len(piece).to_bytes(4) + piece)
            connection.sendall(bytes(4))
            answer = _line(connection)
    except OSError as error:
        raise Away(f"{address}: {error}") from error
    name, _, verdict = answer.removeprefix("stream: ").rpartition(" ")
    if verdict == "FOUND":
        return name
    if answer == "stream: OK":
        return ""
    if not answer:
        raise Away(f"{address}: no answer")
    raise NotScanned(answer)


def _connected(address: str) -> socket.socket:
    if not address.startswith("/"):
        host, _, port = address.rpartition(":")
        return socket.create_connection((host, int(port)), CONNECT_SECONDS)
    connection = socket.socket(socket.AF_UNIX)
    try:
        connection.settimeout(CONNECT_SECONDS)
        connection.connect(address)
    except BaseException:
        connection.close()
        raise
    return connection


def _line(connection: socket.socket) -> str:
    """The answer, as far as it says anything: clamd ends it with a NUL."""
    answer = b""
    while not answer.endswith(b"\0") and len(answer) < 1000:
        piece = connection.recv(1000)
        if not piece:
            break
        answer += piece
    return answer.rstrip(b"\0").decode(errors="replace").strip()
