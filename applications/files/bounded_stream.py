"""The answer of a child process line by line, while it is still reading: for files that are long without being hostile.

What such a file may cost grows with what it gives: each line buys a little more time and room. So a file of many rows is
read to its end, and a small one that costs much is stopped as early as ever (see bounded). Nothing of the file is ever whole
in memory; whoever takes the lines sets the pace.
"""

import logging
import os
import select
import signal
import subprocess
import time
from collections.abc import Generator, Iterator
from typing import BinaryIO, NamedTuple

from applications.files import bounded
from applications.files.bounded_child import STREAM

logger = logging.getLogger(__name__)

_PIECE = 1 << 16
# Milliseconds between two looks at the child's clock while it says nothing.
_LOOK = 100


class Budget(NamedTuple):
    """``lines``: the most that any file gives. Of each line the seconds of computing that it buys, and the bytes it may
    have on average; none is longer than ``longest``."""

    lines: int
    seconds_a_line: float
    bytes_a_line: int = 16 * 1024
    longest: int = 4 * 1024 * 1024

    @property
    def seconds(self) -> float:
        """What the most expensive file costs."""
        return bounded.CPU_SECONDS + self.lines * self.seconds_a_line


def stream(task: str, file: BinaryIO, *arguments: str, budget: Budget) -> Generator[bytes, None, None]:
    """The lines of the answer of ``task`` about an open file, without their ends. A line of a few characters says
    nothing of the file's worth and buys nothing.

    Raises what bounded.run raises, also after lines were given. The child is gone when the iterator is closed.
    """
    bounded.assert_outside_transaction()
    # Where the child begins is the system's place in the file, not that of the buffer before it.
    os.lseek(file.fileno(), 0, os.SEEK_SET)
    try:
        with bounded.turn(task), os.fdopen(os.memfd_create("said"), "w+b") as said:
            child = subprocess.Popen(
                # What it writes into files of its own is what it could not keep in memory.
                [*bounded.command(STREAM, budget.seconds, 8 * bounded.OUTPUT), task, *arguments],
                stdin=file,
                stdout=subprocess.PIPE,
                stderr=said,
                cwd=bounded.PROJECT,
                env=bounded.ENVIRONMENT,
            )
            assert child.stdout is not None
            try:
                yield from _lines(child, child.stdout.fileno(), budget)
                bounded.ended(child, wait=True)
            finally:
                child.stdout.close()
                if child.returncode is None:
                    # Not Popen.kill(), which looks after the child itself first.
                    os.kill(child.pid, signal.SIGKILL)
                    bounded.ended(child, wait=True)
            bounded.check(child.returncode, task, said)
    except bounded.OverBudget:
        logger.warning("%s exceeded its budget", task)
        raise
    except OSError as error:
        logger.exception("no process could be started to run %s", task)
        raise bounded.NotExamined from error


def _lines(child: subprocess.Popen[bytes], answer: int, budget: Budget) -> Iterator[bytes]:
    clock = bounded.clock_of(child)
    poll = select.poll()
    poll.register(answer, select.POLLIN)
    bought, size, rest = 0, 0, b""
    waiting_since = time.monotonic()
    while True:
        if not poll.poll(_LOOK):
            too_long = time.monotonic() - waiting_since > bounded.WALL_SECONDS
            if too_long or _computed(clock) > bounded.CPU_SECONDS + bought * budget.seconds_a_line:
                raise bounded.OverBudget
            continue
        piece = os.read(answer, _PIECE)
        if not piece:
            return
        size += len(piece)
        *whole, rest = (rest + piece).split(b"\n")
        for line in whole:
            bought += len(line) > 20
            yield line
        if (
            len(rest) > budget.longest
            or size > bounded.OUTPUT + bought * budget.bytes_a_line
            or _computed(clock) > bounded.CPU_SECONDS + bought * budget.seconds_a_line
        ):
            raise bounded.OverBudget
        waiting_since = time.monotonic()


def _computed(clock: int) -> float:
    try:
        return time.clock_gettime(clock)
    except OSError:
        # It is over; what it took is known when it is waited for.
        return 0.0
