"""What the process that examines a file took: computing, as the kernel counted it, and its greatest memory."""

import contextlib
import resource
import threading
from collections.abc import Iterator
from pathlib import Path

LIMIT_SECONDS, LIMIT_MB = 3.0, 300


class Cost:
    cpu = 0.0
    memory = 0.0

    def assert_within_limits(self) -> None:
        assert self.cpu <= LIMIT_SECONDS, "seconds of computing"
        assert self.memory <= LIMIT_MB, "megabytes"


@contextlib.contextmanager
def measured() -> Iterator[Cost]:
    """Of the children that are run inside; ``cpu`` in seconds, ``memory`` in megabytes, known at the end.

    Not by the kernel's ru_maxrss: of a child it counts what the parent had when it made it. The memory's own high
    mark is read every few milliseconds instead.
    """
    cost, over = Cost(), threading.Event()

    def look() -> None:
        while not over.wait(0.003):
            for child in Path(f"/proc/self/task/{maker}/children").read_text().split():
                # Until it has become another program, it shares this process's memory.
                with contextlib.suppress(OSError):
                    if b"bounded_child" in Path(f"/proc/{child}/cmdline").read_bytes():
                        cost.memory = max(cost.memory, status(child, "VmHWM"))

    maker = threading.get_native_id()
    thread = threading.Thread(target=look)
    used = _computed()
    thread.start()
    try:
        yield cost
    finally:
        over.set()
        thread.join()
        cost.cpu = _computed() - used


def status(process: str | int, key: str) -> float:
    """A figure of /proc/…/status, in megabytes."""
    lines = Path(f"/proc/{process}/status").read_text().splitlines()
    return next((int(line.split()[1]) / 1024 for line in lines if line.startswith(key)), 0.0)


def _computed() -> float:
    spent = resource.getrusage(resource.RUSAGE_CHILDREN)
    return spent.ru_utime + spent.ru_stime
