"""A certification authority of the tests that is asked over HTTP, as a real one is."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Event, Thread

from applications.sample.certificates import Authority
from tests.fixtures import moment

ISSUED = moment("2026-12-02 14:03")


class Asked:
    """``authority``: whose certificates name its addresses. ``revoked``: serial numbers. ``answers``: False, it is broken. ``at``: of
    what moment it tells. ``instead``: by address, what it says in place of an answer. ``heard``: the addresses that were asked, one after
    the other. ``drips``: it answers byte by byte, each well within the time for one, and ``hung_up`` says that it was not heard out."""

    def __init__(self, port: int) -> None:
        here = f"http://127.0.0.1:{port}"
        self.responder, self.list, self.stamper = f"{here}/ocsp", f"{here}/crl", f"{here}/tsr"
        self.at, self.instead = ISSUED, dict[str, bytes]()
        self.revoked: set[int] = set()
        self.answers, self.drips, self.hung_up = True, False, Event()
        self.heard: list[str] = []
        self.authority = Authority(ISSUED, crl=self.list)


@contextmanager
def being_asked() -> Iterator[Asked]:
    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            told = state.authority.revocation_list(state.at, revoked=state.revoked)
            self._tell(told, "application/pkix-crl")

        def do_POST(self) -> None:
            question = self.rfile.read(int(self.headers["Content-Length"]))
            if self.path == "/tsr":
                self._tell(b"", "application/timestamp-reply")
            else:
                told = state.authority.ocsp_answer(question, state.at, revoked=state.revoked)
                self._tell(told, "application/ocsp-response")

        def _tell(self, content: bytes, kind: str) -> None:
            content = state.instead.get(self.path, content)
            state.heard.append(self.path)
            self.send_response(200 if state.answers else 503)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            if state.drips:
                self._drip(content)
            else:
                self.wfile.write(content)

        def _drip(self, content: bytes) -> None:
            try:
                for byte in content:
                    time.sleep(0.05)
                    self.wfile.write(bytes([byte]))
            except OSError:
                state.hung_up.set()

        def log_message(self, *args: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Answer)
    state = Asked(server.server_port)
    thread = Thread(target=server.serve_forever)
    thread.start()
    try:
        yield state
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
