"""Text from outside, made fit to be stored, logged and shown.

A platform's answer, a mail server's words or the text of an exception may hold what a database refuses (NUL on
PostgreSQL), what cannot be encoded (lone surrogates), or what forges lines of a log. Whatever the portal did not
write itself comes through here before it is kept.
"""

import traceback

LIMIT = 500
UNKNOWN = "\N{REPLACEMENT CHARACTER}"


def clean(value: object, limit: int = LIMIT) -> str:
    """One line of at most ``limit`` printable characters, whatever ``value`` is: text, bytes, an exception.

    White space of every kind becomes one space; what cannot be printed becomes U+FFFD. An exception without words
    is named by its type. Never raises.
    """
    if isinstance(value, bytes):
        text = value[: 4 * limit].decode(errors="replace")
    else:
        try:
            text = str(value)
        except Exception:
            # Also an exception's own words can fail, and numbers can be too long to be written out.
            text = ""
        text = text or type(value).__name__ if isinstance(value, BaseException) else text
    text = " ".join(text[: 4 * limit].split())
    if not text.isprintable():
        text = "".join(sign if sign.isprintable() else UNKNOWN for sign in text)
    return text if len(text) <= limit else text[: limit - 1] + "…"


def describe(error: BaseException, limit: int = LIMIT) -> str:
    """An unexpected exception in one clean line: its type and its words."""
    return clean(f"{type(error).__name__}: {clean(error, limit)}", limit)


def trace(error: BaseException) -> str:
    """An exception's traceback for a log; every line is marked, so that none of its words can pass for an entry."""
    lines = "".join(traceback.format_exception(error)).splitlines()
    return "\n".join(f"  | {' ' * (len(line) - len(line.lstrip(' ')))}{clean(line)}" for line in lines)
