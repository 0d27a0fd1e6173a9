"""What nobody should send: by text, by query, by form, by file, by cookie and by header."""

from __future__ import annotations

from random import Random
from typing import Any
from urllib.parse import quote_from_bytes

from django.core.files.uploadedfile import SimpleUploadedFile

# As they stand in an address: also what is no text at all.
RAW = [
    b"\x00", b"a\x00b", b"\xed\xa0\x80", b"\xed\xb0\x80x", b"\xff\xfe", b"\xc3(", b"\xf0\x28\x8c\x28",
]  # fmt: skip
TEXTS = [
    "", " ", "0", "-1", "-999999999999", "1.5", "1e400", "NaN", "inf", "0x10", "１２", "²", "٣", "true", "null", "[]", "{}",
    "9" * 30, "9" * 5000, "-" + "9" * 30, str(2**31), str(2**63), str(2**63 - 1), "2147483648", "1,2", "1;2",
    "2026-02-30", "0000-00-00", "9999-12-31", "10000-01-01", "0001-01-01", "2026-13-01T25:61", "31/12/2026",
    "../../etc/passwd", "..%2f..%2f", "C:\\x", "//evil.example", "http://evil.example/", "javascript:alert(1)",
    "<script>alert(1)</script>", "'", '"', "' OR 1=1 --", "%", "%s", "%(x)s", "{0}", "{{ 7*7 }}", "${7*7}", "\\",
    "😀" * 50, "\u202egnp.exe", "\u200f\u200b\ufeff", "ﷺ" * 40, "e\u0301" * 200, "İ", "ß", "\r\nX: y", "\n" * 100, "\t",
    "\x7f", "\x1b[31m", "\ufffe", "\U0010ffff", "a" * 300, "字" * 3000, "x" * 100_000, "A" * 10 + "\x00", "\ud800", "a\udfffb",
    "(((((((((((((a+)+)+)+", "[" * 5000, "a=" * 3000, "(?", "*", ",", ".", "_", "__class__",
    "pk", "id__in", "password__regex", "organ__staff_roles__role", "None", "all", "on", "yes",
    "XF-320100-2026-000001-0", "XF-320100-2026-999999-9", "00000000-0000-0000-0000-000000000000",
]  # fmt: skip
DEEP = [
    "[" * 3000 + "]" * 3000,
    '{"a":' * 3000 + "1" + "}" * 3000,
    "a = " + "[" * 3000 + "]" * 3000,
    "a." * 3000 + "b = 1",
]
FILES = [
    b"", b"\x00", b"%PDF-1.4", b"%PDF-1.4\n" + b"\xff" * 2000, b"\x89PNG\r\n\x1a\n" + b"\x00" * 40, b"\xff\xd8\xff\xe0",
    b"PK\x03\x04" + b"\x00" * 100, "列,列\n1,2\n".encode(), "列\n".encode("gb18030"), b"\xed\xa0\x80\n", b"x" * 200_000,
]  # fmt: skip
FILE_NAMES = [
    "a.pdf",
    "a.csv",
    "a.xlsx",
    "../../x.pdf",
    "a\x00.pdf",
    "字" * 200 + ".pdf",
    ".",
    "",
    "\u202efdp.exe",
    "a.pdf\r\nX: y",
]
LANGUAGES = [
    "en",
    "zh-hans",
    "xx",
    "../../etc",
    "zh-" + "a" * 500,
    "*",
    ";q=",
    "en;q=9" * 200,
    "\xff",
    "de,en;q=0.5",
]


def text(random: Random) -> str:
    if random.random() < 0.03:
        return random.choice(DEEP)
    value = random.choice(TEXTS)
    return value + random.choice(TEXTS)[:50] if random.random() < 0.1 else value


def number(random: Random) -> str:
    return random.choice(["0", "1", "2", "3", "-1", "9" * 19, "9" * 30, "9" * 5000, str(2**63), "٣"])


def quoted(random: Random, value: str) -> str:
    """A value as it stands in an address; some are no text in any encoding."""
    raw = random.choice(RAW) if random.random() < 0.2 else value.encode("utf-8", "surrogatepass")
    return quote_from_bytes(raw, safe="")


def file(random: Random) -> SimpleUploadedFile:
    upload = SimpleUploadedFile(
        "a.pdf", random.choice(FILES), random.choice(["application/pdf", "text/csv", "", "\x00"])
    )
    # As a parser of multipart bodies might leave it, whatever the class itself would clean.
    upload._name = random.choice(FILE_NAMES) or None
    return upload


def postable(value: Any) -> Any:
    """Text that a browser can send in a form: lone surrogates go as the bytes that stand for them."""
    return value.encode("utf-8", "surrogatepass") if isinstance(value, str) else value
