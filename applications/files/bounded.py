"""Runs what reads a stranger's file in a process of its own, with a budget of time, memory and output.

A file of a few kilobytes can be made to cost any parser minutes and gigabytes. The child
(``applications.files.bounded_child``) sets its own limits before it looks at the file, knows no database and no
secret, and is killed by the kernel or by us when it exceeds them. What it answers comes back in a file in
memory that the parent reads as it likes, so the parent never grows with what the file unpacks to.
"""

import json
import logging
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path
from typing import BinaryIO

from django.db import connection

from applications.files import bounded_child
from applications.files.bounded_child import Refused

logger = logging.getLogger(__name__)

PROJECT = Path(bounded_child.__file__).resolve().parents[2]
# Seconds of computing, however busy the machine is, and seconds by the clock, for a child that stands still.
CPU_SECONDS = 2.5
WALL_SECONDS = 45
# So long somebody waits for the turn: for three others, each with a costly file.
TURN_SECONDS = 10
MEMORY = 270 * 1024 * 1024
OUTPUT = 32 * 1024 * 1024

# One at a time in each web process, so that its children never need more than one budget together.
_turn = threading.Lock()
# By these a child dies of what the file did to it; any other ending is not the file's fault. 127: the loader found
# no memory to resolve a name.
_CRASHES = {-signal.SIGSEGV, -signal.SIGABRT, -signal.SIGBUS, -signal.SIGILL, -signal.SIGFPE, 127}


_meter: ContextVar["Meter | None"] = ContextVar("meter", default=None)


class Meter:
    """Seconds of computing that children took. What had to be killed, or never had its turn, counts as at least a whole budget:
    it stood in the way for at least as long."""

    def __init__(self) -> None:
        self.seconds = 0.0


@contextmanager
def metered() -> Iterator[Meter]:
    """Counts what all children cost that this thread runs inside."""
    meter = Meter()
    token = _meter.set(meter)
    try:
        yield meter
    finally:
        _meter.reset(token)


class OverBudget(Exception):
    """Examining the file would cost more than any honest file does."""


class NotExamined(Exception):
    """The examination did not come to its end, for a reason that does not lie in the file."""


def run(task: str, content: bytes, *arguments: str) -> BinaryIO:
    """The answer of ``task`` ("module:function", see bounded_child) about ``content``, open at its beginning.

    Takes at most CPU_SECONDS of computing, WALL_SECONDS by the clock and about 300 MB, all in the child. Raises
    Refused, OverBudget or NotExamined. Never inside a transaction: whoever writes would wait for the stranger's
    file, on SQLite everybody.
    """
    assert_outside_transaction()
    try:
        return _run(task, content, arguments)
    except OverBudget:
        logger.warning("%s exceeded its budget", task)
        raise
    except OSError as error:
        logger.exception("no process could be started to run %s", task)
        raise NotExamined from error


def assert_outside_transaction() -> None:
    # A test's own transaction around everything is nobody's to wait for; Django marks it.
    if any(not getattr(block, "_from_testcase", False) for block in connection.atomic_blocks):
        raise RuntimeError("a stranger's file is examined before the transaction begins")


def command(how: str, cpu_seconds: float, output: int) -> list[str]:
    """What starts a child; the task and its arguments follow."""
    limits = [str(limit) for limit in (cpu_seconds, MEMORY, output)]
    return [sys.executable, "-E", "-s", "-W", "ignore", "-m", bounded_child.__name__, *limits, how]


# Nothing of our own environment: it holds the keys.
ENVIRONMENT = {"LANG": "C.UTF-8", "PATH": os.defpath}


@contextmanager
def turn(task: str) -> Iterator[None]:
    """One child at a time. NotExamined where others take too long."""
    if not _turn.acquire(timeout=TURN_SECONDS):
        charge(CPU_SECONDS)
        logger.warning("%s had no turn within %s seconds", task, TURN_SECONDS)
        raise NotExamined
    try:
        yield
    finally:
        _turn.release()


def clock_of(child: subprocess.Popen[bytes]) -> int:
    """The clock of another process's computing, as clock_getcpuclockid(3) makes it. The child's own timer is counted in
    ticks, which a busy machine gets wrong; it is for the case that nobody watches any more."""
    return (~child.pid << 3) | 2


def _run(task: str, content: bytes, arguments: tuple[str, ...]) -> BinaryIO:
    answer = os.fdopen(os.memfd_create("answer"), "w+b")
    try:
        with os.fdopen(os.memfd_create("upload"), "w+b") as upload:
            upload.write(content)
            upload.seek(0)
            with turn(task):
                child = subprocess.Popen(
                    [*command(bounded_child.WHOLE, CPU_SECONDS, OUTPUT), task, *arguments],
                    stdin=upload,
                    stdout=answer,
                    stderr=subprocess.DEVNULL,
                    cwd=PROJECT,
                    env=ENVIRONMENT,
                )
                code = _watch(child)
        check(code, task, answer)
    except BaseException:
        answer.close()
        raise
    return answer


def _watch(child: subprocess.Popen[bytes]) -> int:
    """The exit code of the child, which is killed when its time is over."""
    end = time.monotonic() + WALL_SECONDS
    clock = clock_of(child)
    pause = 0.001
    killed = False
    try:
        while not ended(child):
            killed = time.clock_gettime(clock) > CPU_SECONDS or time.monotonic() > end
            if killed:
                raise OverBudget
            time.sleep(pause)
            pause = min(2 * pause, 0.05)
    finally:
        if child.returncode is None:
            child.kill()
            ended(child, wait=True)
        if killed:
            charge(CPU_SECONDS)
    assert child.returncode is not None
    return child.returncode


def ended(child: subprocess.Popen[bytes], *, wait: bool = False) -> bool:
    """Whether the child is over; then its exit code is known, and what it computed is counted."""
    pid, status, used = os.wait4(child.pid, 0 if wait else os.WNOHANG)
    if pid:
        child.returncode = os.waitstatus_to_exitcode(status)
        charge(used.ru_utime + used.ru_stime)
    return bool(pid)


def charge(seconds: float) -> None:
    """Count it for whoever is metered."""
    meter = _meter.get()
    if meter is not None:
        meter.seconds += seconds


def check(code: int, task: str, answer: BinaryIO) -> None:
    """Turn the child's ending into what it means; leaves ``answer`` at its beginning."""
    answer.seek(0)
    if code == bounded_child.DONE:
        return
    if code == bounded_child.REFUSED:
        said = json.loads(answer.read())
        raise Refused(said["sentence"], **said["params"])
    if code in {bounded_child.TOO_MUCH, -signal.SIGPROF} | _CRASHES:
        raise OverBudget
    logger.error("%s ended with %d: %s", task, code, answer.read(4000).decode(errors="replace"))
    raise NotExamined
