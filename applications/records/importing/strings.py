"""The texts of a workbook, which its cells name by number: on the disk, however many there are.

In the child process; nothing here imports Django.
"""

import os
import tempfile
from array import array
from functools import lru_cache
from typing import Any

# Texts are gathered to so many bytes before they are written.
_GATHERED = 1 << 20


class PlainText:
    """openpyxl's reading of a text, which takes each through its objects for formatted ones; most have no format."""

    def __init__(self, content: str) -> None:
        self.content = content

    @classmethod
    def from_tree(cls, node: Any) -> Any:
        from openpyxl.cell.text import Text

        only = len(node) == 1 and node[0].tag.endswith("}t") and len(node[0]) == 0
        return cls(node[0].text or "") if only else Text.from_tree(node)


class StringsOnDisk:
    """What openpyxl keeps as a list. ``source`` is the part of the workbook, unpacked."""

    def __init__(self, source: Any) -> None:
        from openpyxl.xml.constants import SHEET_MAIN_NS
        from openpyxl.xml.functions import iterparse

        self._file = tempfile.TemporaryFile()  # noqa: SIM115
        self._ends = array("Q")
        self.__getitem = lru_cache(maxsize=4096)(self._read)
        end, gathered, root = 0, bytearray(), None
        for event, node in iterparse(source, events=("start", "end")):
            if root is None:
                root = node
            elif event == "end" and node.tag == f"{{{SHEET_MAIN_NS}}}si":
                text = PlainText.from_tree(node).content.replace("x005F_", "").encode(errors="surrogatepass")
                # Also what the parser keeps of those that are over.
                root.clear()
                gathered += text
                end += len(text)
                self._ends.append(end)
                if len(gathered) > _GATHERED:
                    self._file.write(gathered)
                    gathered.clear()
        self._file.write(gathered)
        self._file.flush()

    def __getitem__(self, at: int) -> str:
        return self.__getitem(at)

    def _read(self, at: int) -> str:
        if at < 0:
            at += len(self._ends)
        begin = self._ends[at - 1] if at else 0
        return os.pread(self._file.fileno(), self._ends[at] - begin, begin).decode(errors="surrogatepass")
