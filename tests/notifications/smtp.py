"""A mail server for tests: real SMTP over a loopback socket, as much of it as one mail needs."""

import email
import socketserver
import threading
from contextlib import suppress
from email.message import Message


class MailServer(socketserver.ThreadingTCPServer):
    """Keeps what it is given. ``refusal`` is its answer to every RCPT, where it shall take nothing.

    ``says`` are its answers to some commands, byte for byte; an empty one hangs up. Key ``b""`` is its greeting,
    ``b"."`` what it says to the mail itself. ``hangs_up_at``: at a line that holds this it just goes.
    """

    allow_reuse_address = True
    daemon_threads = True

    def __init__(self) -> None:
        self.mails: list[Message] = []
        self.refusal = ""
        self.says: dict[bytes, bytes] = {}
        self.hangs_up_at: bytes | None = None
        super().__init__(("127.0.0.1", 0), Conversation)
        self.port: int = self.server_address[1]
        threading.Thread(target=self.serve_forever, args=[0.02], daemon=True).start()

    def close(self) -> None:
        self.shutdown()
        self.server_close()


class Conversation(socketserver.StreamRequestHandler):
    server: MailServer

    def say(self, verb: bytes, line: str) -> bool:
        """Answer a command; False: hang up."""
        answer = self.server.says.get(verb)
        self.wfile.write(line.encode() + b"\r\n" if answer is None else answer)
        return answer != b""

    def handle(self) -> None:
        with suppress(ConnectionError):
            self.talk()

    def talk(self) -> None:
        going = self.say(b"", "220 ready")
        while going and (line := self.rfile.readline()):
            verb = line.split(b" ")[0].strip().upper()
            if self.server.hangs_up_at and self.server.hangs_up_at in line:
                return
            if verb == b"RCPT" and self.server.refusal:
                going = self.say(verb, self.server.refusal)
            elif verb == b"DATA":
                going = self.say(verb, "354 go on")
                if verb in self.server.says:
                    continue
                lines = iter(self.rfile.readline, b".\r\n")
                self.server.mails.append(email.message_from_bytes(b"".join(lines)))
                going = going and self.say(b".", "250 taken")
            elif verb == b"QUIT":
                self.say(verb, "221 bye")
                return
            else:
                going = self.say(verb, "250 fine")
