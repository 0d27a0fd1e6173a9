"""How the replica is, for those who ask while somebody else is just finding out; tests/scaling has a real one."""

import threading

import pytest

from applications.database import replica
from applications.database.replica import State


@pytest.fixture
def clock(monkeypatch, settings):
    """Shows what is written into it; and there is a replica."""
    seconds = [1000.0]
    monkeypatch.setattr(replica, "monotonic", lambda: seconds[0])
    monkeypatch.setattr(replica, "exists", lambda: True)
    monkeypatch.setattr(replica, "_watch", replica._Watch())
    return seconds


def test_nobody_waits_for_who_is_finding_out(clock, monkeypatch):
    """A replica whose process is frozen holds whoever asks it, and nobody else."""
    monkeypatch.setattr(replica, "_measured", lambda: State.FOLLOWING)
    assert (replica.state(), replica.may_answer()) == (State.FOLLOWING, True)

    clock[0] += replica.MEASURED_SECONDS
    asked, answers = threading.Event(), threading.Event()

    def frozen():
        asked.set()
        answers.wait(60)
        return State.BEHIND

    monkeypatch.setattr(replica, "_measured", frozen)
    other = threading.Thread(target=replica.may_answer)
    other.start()
    try:
        assert asked.wait(60)
        assert (replica.state(), replica.may_answer()) == (State.FOLLOWING, False)
        clock[0] += replica.LAG_SECONDS
        assert (replica.state(), replica.may_answer()) == (State.AWAY, False)
    finally:
        answers.set()
        other.join(60)
    clock[0] += replica.MEASURED_SECONDS
    monkeypatch.setattr(replica, "_measured", lambda: State.FOLLOWING)
    assert replica.state() is State.FOLLOWING


def test_as_long_as_nothing_is_known_it_is_away(clock, monkeypatch):
    replica._watch._measuring.acquire()
    assert (replica.state(), replica.may_answer()) == (State.AWAY, False)
