"""A clamd of the tests' own, and papers with the text that every scanner takes for a virus."""

import io
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from pikepdf import Pdf

# In two parts, so that no scanner takes this file for it.
EICAR = (r"X5O!P%@AP[4\PZX54(P^)7CC)7}$" + "EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*").encode()
NAME = "Eicar-Test-Signature"


def paper(*, infected: bool = False) -> bytes:
    document = Pdf.new()
    document.add_blank_page(page_size=(595, 842))
    if infected:
        document.pages[0].Contents = document.make_stream(b"% " + EICAR)
    out = io.BytesIO()
    document.save(out, compress_streams=False, deterministic_id=True)
    return out.getvalue()


class _Clamd(socketserver.StreamRequestHandler):
    """INSTREAM as clamd has it: pieces with their length in front, an empty one at the end, an answer up to a NUL."""

    def handle(self) -> None:
        server = self.server
        assert self.rfile.read(10) == b"zINSTREAM\0"
        content = b""
        while size := int.from_bytes(self.rfile.read(4)):
            content += self.rfile.read(size)
        server.seen.append(content)
        answer = server.answers.pop(0) if server.answers else None
        if answer is None:
            answer = f"stream: {NAME} FOUND" if EICAR in content else "stream: OK"
        if answer:
            self.wfile.write(answer.encode() + b"\0")


@contextmanager
def clamd(*answers: str) -> Iterator[socketserver.TCPServer]:
    """``answers``: what it says first, whatever it is shown; an empty one: it hangs up."""
    with socketserver.TCPServer(("127.0.0.1", 0), _Clamd) as server:
        server.answers, server.seen = [*answers], []
        server.address = f"127.0.0.1:{server.server_address[1]}"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()
