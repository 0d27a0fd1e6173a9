"""The sandbox as tests meet it: a real process, reached over loopback HTTP."""

import copy
import hashlib
import hmac
import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
import uuid
from pathlib import Path
from typing import Any
from urllib.parse import quote

ROOT = Path(__file__).resolve().parents[2]
KEY = "a key for tests"

# A message as the platform's interface asks for it, worked out by hand.
MESSAGE: dict[str, Any] = {
    "message_id": "3f1e0f5c-6a55-4d0e-9a1e-2f6f4c1a7b10",
    "version": "1.0",
    "sent_at": "2026-11-23T10:00:00+08:00",
    "region": "320100",
    "case_number": "XF-320100-2026-000001-7",
    "sequence": 1,
    "data_state": "new",
    "decision": "granted",
    "decision_number": "宁市监信修准〔2026〕1号",
    "decided_on": "2026-11-23",
    "accepted_on": "2026-11-20",
    "deciding_organ": {
        "name": "南京市市场监督管理局",
        "uscc": "11320100MB1886843H",
        "kind": "identifying_unit",
    },
    "record": {
        "reference": "R-0000000001",
        "document_number": "宁市监处罚〔2026〕15号",
        "decided_on": "2026-05-01",
        "severity": "general",
        "identifying_unit": {"name": "南京市市场监督管理局", "uscc": "11320100MB1886843H"},
    },
    "subject": {"name": "南京示例食品有限公司", "kind": "organisation", "code": "91350100M000100Y43"},
    "method": "annotate_and_withdraw",
    "publicity_ended_at": "2026-11-23T10:00:00+08:00",
    "commitment": {"number": "宁市监信修诺〔2026〕1号", "sha256": "0123456789abcdef" * 4},
}


def make_message(case: int = 1, **changes: Any) -> dict[str, Any]:
    """A message of its own id about the case with this serial; dots in a name reach into objects."""
    message = copy.deepcopy(MESSAGE)
    message |= {"message_id": str(uuid.uuid4()), "case_number": f"XF-320100-2026-{case:06d}-7"}
    for path, value in changes.items():
        *parents, name = path.split("__")
        place = message
        for parent in parents:
            place = place[parent]
        place[name] = value
    return message


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class SandboxProcess:
    """``python -m sharing_sandbox`` with its own data directory; it can be stopped and started again."""

    def __init__(self, data: Path, *, port: int | None = None) -> None:
        self.data, self.port = data, port or free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.process: subprocess.Popen[bytes] | None = None

    def start(self, fault: str = "none") -> "SandboxProcess":
        self.stop()
        self.data.mkdir(parents=True, exist_ok=True)
        with (self.data / "log").open("ab") as log:
            options = ["--port", str(self.port), "--data", str(self.data), "--fault", fault]
            self.process = subprocess.Popen(
                [sys.executable, "-m", "sharing_sandbox", *options],
                cwd=ROOT,
                env={**os.environ, "PLATFORM_KEY": KEY},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                # With its worker, it can be killed at once.
                start_new_session=True,
            )
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            assert self.process.poll() is None, (self.data / "log").read_text()
            try:
                assert self.request("GET", "/healthz")[0] == 200
                return self
            except ConnectionRefusedError:
                time.sleep(0.02)
        raise AssertionError("the sandbox did not start within 20 s")

    def stop(self, *, kill: bool = False) -> None:
        if self.process:
            if kill:
                os.killpg(self.process.pid, signal.SIGKILL)
            else:
                self.process.terminate()
            self.process.wait(10)
            self.process = None
            # The last of a killed group may hold the port for a moment.
            while self._listens():
                time.sleep(0.02)

    def _listens(self) -> bool:
        try:
            socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
        except ConnectionRefusedError:
            return False
        except OSError:
            pass
        return True

    def request(
        self, method: str, path: str, body: bytes | None = None, headers: dict[str, str] | None = None
    ) -> tuple[int, Any]:
        """Status and body of one request: an object where the answer is JSON, text otherwise."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        try:
            connection.request(method, path, body, headers or {})
            response = connection.getresponse()
            text = response.read().decode()
            is_json = (response.headers.get("Content-Type") or "").startswith("application/json")
            return response.status, json.loads(text) if is_json and text else text
        finally:
            connection.close()

    def post(
        self,
        message: dict[str, Any] | bytes,
        *,
        key: str = KEY,
        timestamp: str | None = None,
        headers: dict[str, str | None] | None = None,
        path: str = "/v1/repair-decisions",
    ) -> tuple[int, Any]:
        """A message, signed as the interface says; ``headers`` replaces some, None leaves one out."""
        body = message if isinstance(message, bytes) else json.dumps(message, ensure_ascii=False).encode()
        stamp = timestamp or str(int(time.time()))
        signature = hmac.new(key.encode(), f"{stamp}.".encode() + body, hashlib.sha256).hexdigest()
        wanted: dict[str, str | None] = {
            "Content-Type": "application/json",
            "Idempotency-Key": message["message_id"] if isinstance(message, dict) else str(uuid.uuid4()),
            "X-Timestamp": stamp,
            "X-Signature": signature,
            **(headers or {}),
        }
        sent = {name: value for name, value in wanted.items() if value is not None}
        return self.request("POST", path, body, sent)

    def received(self, case_number: str | None = None) -> list[dict[str, Any]]:
        """What the sandbox says it received, oldest first."""
        query = f"?case_number={quote(case_number)}" if case_number else ""
        status, answer = self.request("GET", f"/v1/received{query}")
        assert status == 200
        assert answer["count"] == len(answer["messages"])
        return answer["messages"]
