"""What is written to the log: enough to find a fault, nobody's number, mail address, key or search."""

import logging
import re

_END = r"(?=\nTraceback |\nThe above |\nDuring |\n  File |\n[\w.]+(?:Error|Exception)\b|\Z)"
_RULES = (
    # PostgreSQL repeats the row that it refuses.
    (re.compile(rf"\b(DETAIL|CONTEXT):.*?{_END}", re.S), r"\1: …"),
    # What opens something for whoever has it: reset and confirmation links, codes of documents.
    (re.compile(r"(/accounts/(?:password/reset/key|confirm-email)/)[^\s/\"'?]+"), r"\1…"),
    (re.compile(r"(/v/)[^\s/\"'?]+"), r"\1…"),
    (re.compile(r"(/[^\s\"'?]*)\?[^\s\"']+"), r"\1?…"),
    (re.compile(r"\b([\w.+-])[\w.+-]*@([\w-]+(?:\.[\w-]+)+)"), r"\1***@\2"),
)


class PrivateFormatter(logging.Formatter):
    """Formats, then cleans the whole line with its traceback: whoever wrote it, none of it passes by."""

    def format(self, record: logging.LogRecord) -> str:
        # Logging is set up before there are any apps.
        from applications.subjects.identity import mask_numbers

        line = super().format(record)
        for pattern, replacement in _RULES:
            line = pattern.sub(replacement, line)
        return mask_numbers(line)
