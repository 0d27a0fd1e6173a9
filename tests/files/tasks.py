"""What a child process is made to do in tests of its limits."""

import json
import os
import time
from collections.abc import Iterator


def answer(content: bytes, *arguments: str) -> Iterator[bytes]:
    yield content + "".join(arguments).encode()


def stand_still(_content: bytes) -> Iterator[bytes]:
    time.sleep(600)
    yield b""


def compute(_content: bytes) -> Iterator[bytes]:
    while True:
        pass
    yield b""


def eat(_content: bytes) -> Iterator[bytes]:
    kept = []
    while True:
        kept.append(bytes(1 << 20))
    yield b""


def write(_content: bytes) -> Iterator[bytes]:
    while True:
        yield bytes(1 << 20)


def break_down(_content: bytes) -> Iterator[bytes]:
    os.abort()
    yield b""


def be_killed(_content: bytes) -> Iterator[bytes]:
    os.kill(os.getpid(), 9)
    yield b""


def have_a_fault(_content: bytes) -> Iterator[bytes]:
    yield b"half an answer"
    raise ZeroDivisionError


def tell_what_you_know(_content: bytes) -> Iterator[bytes]:
    """The environment, and what the open files are."""
    files = []
    for number in os.listdir("/proc/self/fd"):
        try:
            files.append(os.readlink(f"/proc/self/fd/{number}"))
        except OSError:
            continue
    with open("/proc/self/environ", "rb") as environment:
        yield json.dumps({"environment": environment.read().decode(), "files": files}).encode()
