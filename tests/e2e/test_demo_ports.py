"""A port that another program takes between the look for a free one and the start does not end the demonstration."""

import socket
import sys

import pytest

from tests.e2e.conftest import ROOT

sys.path.insert(0, str(ROOT / "script"))

import demo_run
from demo_ports import Failure, PortTaken, free_port, is_free


@pytest.fixture
def taken():
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        yield listening.getsockname()[1]


def test_a_taken_port_is_not_free_and_the_next_one_is_looked_at(taken):
    assert not is_free(taken)
    assert free_port(taken) > taken


def child_that_ended(tmp_path, port):
    demo = demo_run.Demo(tmp_path, tmp_path / "log", usual_ports=False)
    demo._spawn("portal", [sys.executable, "-c", "raise SystemExit(1)"], lambda: False, port)
    demo.children[0].process.wait()
    return demo


def test_a_process_that_ended_on_a_taken_port_is_told_from_one_that_failed(tmp_path, taken):
    with pytest.raises(PortTaken):
        child_that_ended(tmp_path, taken).check()
    for port in (None, free_port(None)):
        with pytest.raises(Failure) as failed:
            child_that_ended(tmp_path, port).check()
        assert not isinstance(failed.value, PortTaken)


class Tried:
    """A demonstration that gets its ports at the try number ``works_at``."""

    made: list["Tried"]
    works_at = 0
    error: type[Exception] = PortTaken

    def __init__(self, data, logs, *, usual_ports) -> None:
        self.stopped = False
        self.made.append(self)

    def prepare(self) -> None: ...

    def start(self) -> None: ...

    def wait_until_ready(self) -> None:
        if len(self.made) != self.works_at:
            raise self.error("x")

    def stop(self, patience) -> None:
        self.stopped = True


@pytest.fixture
def tries(monkeypatch):
    monkeypatch.setattr(Tried, "made", [], raising=False)
    monkeypatch.setattr(demo_run, "Demo", Tried)
    return Tried


def test_it_starts_again_on_other_ports(tries, monkeypatch, tmp_path):
    monkeypatch.setattr(tries, "works_at", 2)
    assert demo_run.started(tmp_path, usual_ports=True) is tries.made[1]
    assert [each.stopped for each in tries.made] == [True, False]


def test_it_gives_up_after_three_tries_and_leaves_nothing_running(tries, tmp_path):
    with pytest.raises(PortTaken):
        demo_run.started(tmp_path, usual_ports=True)
    assert [each.stopped for each in tries.made] == [True] * 3


def test_another_failure_is_told_at_once(tries, monkeypatch, tmp_path):
    monkeypatch.setattr(tries, "error", Failure)
    with pytest.raises(Failure):
        demo_run.started(tmp_path, usual_ports=True)
    assert [each.stopped for each in tries.made] == [True]
