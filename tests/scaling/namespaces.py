"""Machines that share nothing but a network: each a network namespace of its own, joined by a switch in one more."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count

import pytest


def _ip(*words: str) -> None:
    subprocess.run(["ip", *words], check=True, capture_output=True)


class Network:
    """``add`` makes a machine and gives its address; ``on`` is what starts a command there. The test is .1."""

    def __init__(self) -> None:
        number = os.getpid()
        self.name, self.range = f"cr{number}", f"10.{200 + number % 50}.{number // 50 % 250}"
        self._numbers = count(2)
        self._spaces: list[str] = []

    def open(self) -> None:
        self._space(self.name)
        self._at("link", "add", "switch", "type", "bridge")
        self._at("link", "set", "switch", "up")
        # The test's own cable, which goes with the switch.
        self._cable(self.name, "1", peer=())
        _ip("addr", "add", f"{self.range}.1/24", "dev", self.name)
        _ip("link", "set", self.name, "up")

    def _space(self, name: str) -> None:
        _ip("netns", "add", name)
        self._spaces.append(name)

    def _at(self, *words: str, space: str = "") -> None:
        _ip("-n", space or self.name, *words)

    def _cable(self, name: str, port: str, *, peer: tuple[str, ...]) -> None:
        """Into the switch; the other end is in the namespace that ``peer`` says, or here."""
        _ip("link", "add", f"p{port}", "netns", self.name, "type", "veth", "peer", "name", name, *peer)
        self._at("link", "set", f"p{port}", "master", "switch", "up")

    def add(self, machine: str) -> str:
        number = str(next(self._numbers))
        space, cable = f"{self.name}-{machine}", f"v{number}"
        self._space(space)
        self._cable(cable, number, peer=("netns", space))
        self._at("link", "set", "lo", "up", space=space)
        self._at("addr", "add", f"{self.range}.{number}/24", "dev", cable, space=space)
        self._at("link", "set", cable, "up", space=space)
        return f"{self.range}.{number}"

    def on(self, machine: str) -> list[str]:
        return ["ip", "netns", "exec", f"{self.name}-{machine}"]

    def close(self) -> None:
        for space in self._spaces:
            _ip("netns", "del", space)


@contextmanager
def network() -> Iterator[Network]:
    """Skips the test where namespaces cannot be made."""
    if os.geteuid() or not shutil.which("ip"):
        pytest.skip("missing: root and ip (iproute2), for network namespaces")
    made = Network()
    try:
        try:
            made.open()
        except subprocess.CalledProcessError as error:
            pytest.skip(f"missing: the right to make network namespaces ({error.stderr.decode().strip()})")
        yield made
    finally:
        made.close()
