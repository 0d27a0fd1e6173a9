"""Who speaks, and when: the signature over timestamp and body."""

import hashlib
import hmac
import re
from http import HTTPStatus

from sharing_sandbox.errors import Rejected

SKEW_SECONDS = 300


def sign(*, key: str, timestamp: str, body: bytes) -> str:
    """HMAC-SHA256 over the timestamp, a full stop and the body: 64 lower-case hexadecimal digits."""
    return hmac.new(key.encode(), timestamp.encode() + b"." + body, hashlib.sha256).hexdigest()


def verify(*, key: str, timestamp: str, signature: str, body: bytes, now: float) -> None:
    """Rejected unless the body was signed with our key within SKEW_SECONDS of our clock."""
    if not re.fullmatch(r"[0-9]{10}", timestamp):
        raise Rejected(
            HTTPStatus.BAD_REQUEST,
            "invalid_header",
            "X-Timestamp 应为自 1970 年起的整秒数（10 位）。",
            "X-Timestamp",
        )
    if not re.fullmatch(r"[0-9a-f]{64}", signature):
        raise Rejected(
            HTTPStatus.BAD_REQUEST, "invalid_header", "X-Signature 应为 64 位小写十六进制。", "X-Signature"
        )
    right = sign(key=key, timestamp=timestamp, body=body)
    if not hmac.compare_digest(right, signature):
        raise Rejected(
            HTTPStatus.UNAUTHORIZED, "bad_signature", "签名不符，请核对密钥和签名方法。", "X-Signature"
        )
    # After the signature: a stranger learns nothing about our clock.
    if abs(now - int(timestamp)) > SKEW_SECONDS:
        raise Rejected(
            HTTPStatus.UNAUTHORIZED,
            "stale_timestamp",
            f"时间戳与平台时钟相差超过 {SKEW_SECONDS} 秒，请校准时钟。",
            "X-Timestamp",
        )
