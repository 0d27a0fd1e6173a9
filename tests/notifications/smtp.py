"""A mail server for tests: real SMTP over a loopback socket, as much of it as one mail needs."""

import email
import socketserver
import threading
from email.message import Message


class MailServer(socketserver.ThreadingTCPServer):
    """Keeps what it is given. ``refusal`` is its answer to every RCPT, where it shall take nothing."""

    allow_reuse_address = True
    daemon_threads = True

    def __init__(self) -> None:
        self.mails: list[Message] = []
        self.refusal = ""
        super().__init__(("127.0.0.1", 0), Conversation)
        self.port: int = self.server_address[1]
        threading.Thread(target=self.serve_forever, args=[0.02], daemon=True).start()

    def close(self) -> None:
        self.shutdown()
        self.server_close()


class Conversation(socketserver.StreamRequestHandler):
    server: MailServer

    def say(self, line: str) -> None:
        self.wfile.write(line.encode() + b"\r\n")

    def handle(self) -> None:
        self.say("220 ready")
        while line := self.rfile.readline():
            verb = line.split(b" ")[0].strip().upper()
            if verb == b"RCPT" and self.server.refusal:
                self.say(self.server.refusal)
            elif verb == b"DATA":
                self.say("354 go on")
                lines = iter(self.rfile.readline, b".\r\n")
                self.server.mails.append(email.message_from_bytes(b"".join(lines)))
                self.say("250 taken")
            elif verb == b"QUIT":
                self.say("221 bye")
                return
            else:
                self.say("250 fine")
