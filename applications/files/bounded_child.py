"""The process in which a stranger's file is read: ``python -m applications.files.bounded_child`` (see bounded).

Arguments: seconds of computing, bytes of memory, bytes of output, how it is asked, task, the task's own arguments. The
file comes on standard input; the answer goes to standard output, and the exit code says what it is. A task is a function
that takes the file and its arguments and gives pieces of bytes, or raises Refused. Asked WHOLE, it takes the content, and
standard output is a file; asked for a STREAM, it takes the open file, standard output is a pipe whose reader sets the
pace, and what refuses the file goes to standard error. Nothing here imports Django: a child has no settings, and starts in
a tenth of a second.
"""

import importlib
import json
import os
import resource
import signal
import sys
import traceback
from typing import Any

DONE, REFUSED, TOO_MUCH, FAILED = 0, 10, 11, 12
WHOLE, STREAM = "whole", "stream"


class Refused(Exception):
    """Why a file is not taken: a sentence to be translated by the parent, and what is filled into it."""

    def __init__(self, sentence: str, **params: Any) -> None:
        super().__init__(sentence)
        self.sentence, self.params = sentence, params


class TooMuch(Exception):
    """A task sees by itself that the file would cost too much."""


def bound_address_space(memory: int) -> None:
    """Let this process use ``memory`` bytes in all, what it uses already included.

    What is mapped and never touched (libraries) does not count, so the limit is what is mapped now and the rest
    of the budget on top.
    """
    with open("/proc/self/statm") as file:
        mapped, resident = (int(pages) * resource.getpagesize() for pages in file.read().split()[:2])
    limit = mapped + memory - resident
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))


def main() -> None:
    cpu_seconds, memory, output, how, task, *arguments = sys.argv[1:]
    told = 2 if how == STREAM else 1
    # A dump of this process would be a copy of somebody's paper.
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    # Whoever has used up the time is ended by the signal; nobody waits for it.
    signal.setitimer(signal.ITIMER_PROF, float(cpu_seconds))
    resource.setrlimit(resource.RLIMIT_FSIZE, (int(output), int(output)))
    module, _, name = task.partition(":")
    function = getattr(importlib.import_module(module), name)
    bound_address_space(int(memory))
    try:
        file = sys.stdin.buffer
        for piece in function(file if how == STREAM else file.read(), *arguments):
            _write(piece)
    except Refused as refused:
        _end(REFUSED, json.dumps({"sentence": refused.sentence, "params": refused.params}), told)
    except (MemoryError, TooMuch):
        os._exit(TOO_MUCH)
    except Exception:
        _end(FAILED, traceback.format_exc()[-3000:], told)
    # Without tidying up: there may be a hundred thousand objects.
    os._exit(DONE)


def _write(piece: bytes | memoryview) -> None:
    rest = memoryview(piece)
    while rest:
        try:
            written = os.write(1, rest)
        except OSError:
            # The limit on output; Python ignores its signal.
            raise TooMuch from None
        rest = rest[written:]


def _end(code: int, said: str, told: int) -> None:
    """Leave with this as all that was ``told``, whatever was written there before."""
    os.ftruncate(told, 0)
    os.lseek(told, 0, os.SEEK_SET)
    os.write(told, said.encode(errors="replace"))
    os._exit(code)


if __name__ == "__main__":
    # Under its own name, so that the tasks raise the Refused that is caught here.
    from applications.files import bounded_child

    bounded_child.main()
