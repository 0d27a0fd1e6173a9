"""The outbox by itself: claims, failures and sweeps of rows that stand in for any that are handed to others."""

from collections import deque
from datetime import datetime, timedelta

import pytest

from applications.notifications.models import Message
from applications.outbox import sending
from applications.outbox.sending import (
    NotTaken,
    NotThisOne,
    Outcome,
    Refused,
    Sender,
    Unreachable,
    claim,
    give_up,
    ours,
    put_off,
)
from applications.outbox.timing import each, wait_after
from tests.fixtures import moment

NOW = moment("2026-11-23 10:00")
MINUTE = timedelta(minutes=1)


@pytest.fixture(autouse=True)
def _in_a_transaction(settings):
    settings.ALLOW_OUTBOUND_IN_TRANSACTION = True


@pytest.fixture
def rows(alice):
    """rows("a", "b", "b"): one row in lane a, two in lane b, due in this order."""

    def write(*lanes: str) -> list[Message]:
        return [
            Message.objects.create(
                key=f"{number}", recipient=alice, channel="email", subject=lane, body="", written_at=NOW,
                next_try_at=NOW + timedelta(seconds=number),
            )
            for number, lane in enumerate(lanes)
        ]  # fmt: skip

    return write


class Clock:
    """Shows NOW, and what the other side takes passes on it alone."""

    def __init__(self, monkeypatch) -> None:
        self.seconds = 0.0
        monkeypatch.setattr(sending.time, "monotonic", lambda: self.seconds)

    def __call__(self) -> datetime:
        return NOW + timedelta(seconds=60 + self.seconds)


class Other(Sender[Message, str]):
    """Hands over to whom ``answers`` describes: by lane, what is raised or nothing, and how long it takes."""

    def __init__(self, now, answers=None, takes=None) -> None:
        super().__init__(now)
        self.answers, self.takes = answers or {}, takes or {}
        self.spoken: list[str] = []
        self.reported: list[int] = []

    def due(self, at):
        return Message.objects.filter(status="waiting", next_try_at__lte=at).order_by("next_try_at", "pk")

    def lanes(self, at):
        return list(dict.fromkeys(self.due(at).values_list("subject", flat=True)))

    def in_lane(self, rows, lane):
        return rows.filter(subject=lane)

    def speak(self, row):
        self.spoken.append(row.subject)
        self.now.seconds += self.takes.get(row.subject, 0)
        answer = self.answers.get(row.subject)
        answer = answer.popleft() if isinstance(answer, deque) else answer
        if answer is not None:
            raise answer
        return "taken"

    def record(self, row, answer):
        ours(row).update(status="handed_over", next_try_at=None, leased_until=None)
        return Outcome("handed_over")

    def report(self, row, error):
        self.reported.append(row.pk)


@pytest.fixture
def other(monkeypatch):
    return lambda answers=None, takes=None: Other(Clock(monkeypatch), answers, takes)


def test_one_of_two_claims_the_row(rows):
    [row] = rows("a")
    again = Message.objects.get(pk=row.pk)
    assert claim(row, at=NOW)
    assert not claim(again, at=NOW)
    again.refresh_from_db()
    assert (again.attempts, again.leased_until, again.next_try_at) == (1, NOW + 5 * MINUTE, NOW + 5 * MINUTE)
    assert row.attempts == 1


def test_what_a_late_sender_learns_is_no_news(rows):
    """Its lease is over and another has the row: neither its failure nor its giving up is written down."""
    [row] = rows("a")
    claim(row, at=NOW)
    other = Message.objects.get(pk=row.pk)
    claim(other, at=NOW + 5 * MINUTE)
    put_off(row, "too late", at=NOW + 6 * MINUTE)
    assert not give_up(row, "too late")
    other.refresh_from_db()
    assert (other.status, other.last_error, other.next_try_at) == ("waiting", "", NOW + 10 * MINUTE)


def test_the_table_of_waits():
    assert [wait_after(tries) / MINUTE for tries in range(1, 8)] == [1, 5, 15, 60, 180, 60, 60]


def test_a_failed_row_waits_and_a_refused_one_is_given_up(rows, other):
    rows("down", "no", "well")
    sender = other({"down": NotTaken("busy\0"), "no": Refused("never")})
    assert sender.sweep(NOW + MINUTE) == {"waiting": 1, "failed": 1, "handed_over": 1}
    down, no, _well = Message.objects.order_by("pk")
    assert (down.status, down.last_error, down.next_try_at) == ("waiting", "busy�", sender.now() + MINUTE)
    assert (no.status, no.last_error, no.next_try_at, no.leased_until) == ("failed", "never", None, None)


def test_after_the_last_try_a_row_is_given_up(rows, other):
    [row] = rows("down")
    Message.objects.update(attempts=Message.MAX_ATTEMPTS - 1)
    assert other({"down": NotTaken("busy")}).sweep(NOW + MINUTE) == {"failed": 1}
    row.refresh_from_db()
    assert (row.attempts, row.last_error) == (24, "busy")


def test_a_fault_of_ours_is_a_failed_try_and_stops_no_other(rows, other):
    rows("broken", "well")
    assert other({"broken": KeyError("x")}).sweep(NOW + MINUTE) == {"waiting": 1, "handed_over": 1}
    assert Message.objects.get(subject="broken").last_error == "KeyError: 'x'"


def test_what_cannot_be_written_down_is_reported_and_stops_no_other(rows, other, monkeypatch):
    broken, _well = rows("broken", "well")
    sender = other()
    record = sender.record
    monkeypatch.setattr(
        sender, "record", lambda row, answer: 1 / 0 if row.subject == "broken" else record(row, answer)
    )
    assert sender.sweep(NOW + MINUTE) == {"waiting": 1, "handed_over": 1}
    assert sender.reported == [broken.pk]
    broken.refresh_from_db()
    # Its lease ends by itself.
    assert (broken.last_error, broken.attempts) == ("结果未能登记，原因见日志。", 1)
    assert broken.next_try_at == sender.now() + Message.LEASE


def test_three_failures_in_a_row_are_enough_for_one_sweep(rows, other):
    rows(*["down"] * 5, *["well"] * 5)
    assert other({"down": NotTaken("x")}).sweep(NOW + MINUTE) == {"waiting": 3, "handed_over": 5}


def test_who_takes_others_is_not_down(rows, other):
    rows(*["picky"] * 5)
    assert other({"picky": NotThisOne("450 not this one")}).sweep(NOW + MINUTE) == {"waiting": 5}
    assert other().sweep(NOW + 10 * MINUTE) == {"handed_over": 5}


def test_failures_count_only_in_a_row(rows, other):
    rows(*["ill"] * 6)
    answers = deque([NotTaken("x"), NotTaken("x"), None, NotTaken("x"), NotTaken("x"), None])
    assert other({"ill": answers}).sweep(NOW + MINUTE) == {"waiting": 4, "handed_over": 2}


def test_who_cannot_be_reached_is_asked_once(rows, other):
    rows(*["away"] * 3, "well")
    assert other({"away": Unreachable("x")}).sweep(NOW + MINUTE) == {"waiting": 1, "handed_over": 1}


def test_a_slow_one_delays_another_by_one_row(rows, other):
    """All of the slow one's rows are due the longest, and each takes a quarter of a minute."""
    rows(*["slow"] * 20, *["quick"] * 20)
    sender = other(takes={"slow": 15, "quick": 0.01})
    sender.sweep(NOW + MINUTE)
    assert sender.spoken[:21] == ["slow", *["quick"] * 20]
    # The sweep ends in time, and the rest is there for the next one.
    assert sender.spoken.count("slow") == 14
    assert Message.objects.filter(subject="slow", status="waiting", attempts=0).count() == 6


def test_more_rows_than_are_claimed_at_once(rows, other, monkeypatch):
    monkeypatch.setattr(sending, "MOST_AT_ONCE", 2)
    rows(*["well"] * 5)
    assert other().sweep(NOW + MINUTE) == {"handed_over": 5}


def test_of_what_goes_well_twice_as_much_is_claimed_each_time(rows, other):
    """And what is claimed is claimed before it is spoken of; the last one of seven finds no other to go with it."""
    rows(*["well"] * 10)
    sender, held = other(), []
    speak = sender.speak
    sender.speak = lambda row: [held.append(Message.objects.filter(attempts=1).count()), speak(row)][1]
    sender.sweep(NOW + MINUTE)
    assert held == [1, 3, 3, 7, 7, 7, 7, 10, 10, 10]


def test_a_row_that_was_tried_before_takes_no_other_along(rows, other):
    """It may be what ended the sender that had it."""
    written = rows(*["well"] * 8)
    Message.objects.filter(pk=written[4].pk).update(attempts=1)
    sender, held = other(), []
    speak = sender.speak
    sender.speak = lambda row: [
        held.append(Message.objects.filter(leased_until__gt=NOW).count()),
        speak(row),
    ][1]
    sender.sweep(NOW + MINUTE)
    assert held[4] == 1, "it alone is held while it is tried"


def test_what_was_claimed_and_not_tried_is_let_go(rows, other):
    """All goes well until four are claimed; then the other side breaks off three times."""
    rows(*["ill"] * 12)
    ok = [None] * 3
    sender = other({"ill": deque([*ok, *[NotTaken("x")] * 3])})
    assert sender.sweep(NOW + MINUTE) == {"handed_over": 3, "waiting": 3}
    left = Message.objects.filter(status="waiting").order_by("pk").values_list("attempts", "leased_until")
    assert list(left) == [(1, None)] * 3 + [(0, None)] * 6
    due = Message.objects.filter(attempts=0).order_by("pk").values_list("next_try_at", flat=True)
    assert list(due) == [NOW + timedelta(seconds=number) for number in range(6, 12)]


def test_what_is_held_up_waits_for_no_other_lane(rows, other):
    """The chain of the one in lane a is written by somebody for a moment; each in lane b takes five seconds."""
    rows("a", *["b"] * 40)
    sender = other(takes={"b": 5})
    recorded: dict[str, float] = {}

    def conclude_all(answered):
        busy = sender.now.seconds < 3
        done = [
            None if busy and row.subject == "a" else sender.concluded(row, answer) for row, answer in answered
        ]
        for (row, _answer), outcome in zip(answered, done, strict=True):
            if outcome:
                recorded.setdefault(row.subject, sender.now.seconds)
        return done

    sender.conclude_all = conclude_all
    sender.sweep(NOW + MINUTE)
    assert recorded["a"] <= 10


def test_one_that_becomes_slow_does_not_keep_the_others_waiting(rows, other):
    """Seven are quick, and then each takes two seconds: of the eight that are claimed then, three are begun."""
    rows(*["a"] * 20, *["b"] * 3)
    sender = other(takes={"a": 0.01, "b": 0.5})
    speak = sender.speak

    def slower(row):
        sender.takes["a"] = 0.01 if sender.spoken.count("a") < 7 else 2
        return speak(row)

    sender.speak = slower
    assert sender.sweep(NOW + MINUTE) == {"handed_over": 23}
    assert "".join(sender.spoken)[:13] == "abaaaaaaaaabb"


def test_what_is_not_due_is_left(rows, other):
    rows("a")
    assert other().sweep(NOW - MINUTE) == {}


def test_each_goes_on_after_a_failure():
    failed = []
    done = each([1, 0, 2], lambda number: 1 / number, lambda number, error: failed.append(number))
    assert (done, failed) == (2, [0])
