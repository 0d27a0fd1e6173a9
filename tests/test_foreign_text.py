"""What comes from outside becomes one printable line, whatever it was."""

import pytest

from applications.foreign_text import clean, describe, trace


class Mute(Exception):
    def __str__(self) -> str:
        raise RuntimeError("no words")


@pytest.mark.parametrize(
    ("value", "line"),
    [
        ("区划不符。", "区划不符。"),
        (" a\r\n\t b\u2028c\u3000d ", "a b c d"),
        ("a\0b", "a\ufffdb"),
        ("\ud800x\udfff", "\ufffdx\ufffd"),
        ("\x1b[31m\u202e\ufeff\x9f", "\ufffd[31m\ufffd\ufffd\ufffd"),
        ("表情😀", "表情😀"),
        (b"\xe5\x8c\xba\xff", "区\ufffd"),
        (b"", ""),
        (None, "None"),
        (ValueError(), "ValueError"),
        (ValueError("a\0"), "a\ufffd"),
        (Mute(), "Mute"),
        pytest.param(10**5000, "", id="5,001 digits"),
        (["\0"], "['\\x00']"),
    ],
)
def test_one_printable_line(value, line):
    assert clean(value) == line


@pytest.mark.parametrize("value", ["长" * 501, "a " * 10_000, "\0" * 1_000_000, b"\xff" * 1_000_000])
def test_no_longer_than_its_limit(value):
    assert len(clean(value)) <= 500
    assert len(clean(value, 20)) <= 20


def test_an_exception_with_its_type():
    assert describe(LookupError("no\nsuch case")) == "LookupError: no such case"
    assert len(describe(LookupError("x" * 9_999))) == 500


def test_a_traceback_forges_no_entry_of_a_log():
    try:
        raise ValueError("x\n2026-11-23 10:00:00 CRITICAL forged\ud800\0\x1b[2J")
    except ValueError as error:
        lines = trace(error).splitlines()
    assert all(line.startswith("  | ") and line.isprintable() for line in lines)
    assert lines[-1] == "  | 2026-11-23 10:00:00 CRITICAL forged\ufffd\ufffd\ufffd[2J"
