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
    # These two begin where a word does and never go back into it: a stranger's long line costs its length, not more.
    (re.compile(r"(?<![^\s\"'?])((?=[^\s\"'?]*/)[^\s\"'?]*+)\?[^\s\"']+"), r"\1?…"),
    (re.compile(r"(?<![\w.+-])([\w.+-])[\w.+-]*+@([\w-]+(?:\.[\w-]+)+)"), r"\1***@\2"),
)
# Of a longer line nobody reads the rest.
LINE = 8_192
# More than any address or number: what is cut in two is dropped, for its half would not be known for what it is.
_MARGIN = 512


class PrivateFormatter(logging.Formatter):
    """Formats, then cleans the whole line with its traceback: whoever wrote it, none of it passes by."""

    def format(self, record: logging.LogRecord) -> str:
        # Logging is set up before there are any apps.
        from applications.masking import mask_numbers

        def cleaned(text: str) -> str:
            for pattern, replacement in _RULES:
                text = pattern.sub(replacement, text)
            return mask_numbers(text)

        def cut(line: str) -> str:
            if len(line) <= LINE:
                return line
            return f"{cleaned(line[: LINE + _MARGIN])[:-_MARGIN][:LINE]}… ({len(line):,} characters)"

        return cleaned("\n".join(map(cut, super().format(record).split("\n"))))
