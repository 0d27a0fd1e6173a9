"""The mail server of the installation under test: keeps every mail as a file below /tmp/mails.

Runs in a container from the portal's image, with the tests mounted: python /tests/containers/mail.py
"""

import socketserver
import sys
from email.message import Message
from pathlib import Path
from typing import ClassVar

sys.path.insert(0, "/tests/notifications")

from smtp import Conversation

MAILS = Path("/tmp/mails")


class Kept(list):
    def append(self, mail: Message) -> None:
        (MAILS / f"{len(list(MAILS.iterdir())):04}.eml").write_bytes(bytes(mail))


class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    mails = Kept()
    refusal = ""
    says: ClassVar[dict[bytes, bytes]] = {}
    hangs_up_at = None


MAILS.mkdir(exist_ok=True)
Server(("0.0.0.0", 2525), Conversation).serve_forever()
