"""Misbehaviour on demand, so that a sender can be tested against a platform that is not well.

Each request meets one of these, before anything of it is answered:

- ``none``      nothing wrong
- ``500``       an error, nothing stored
- ``lost``      stored, but the connection ends without an answer
- ``timeout``   stored, but the answer never comes (until the sandbox stops)
- ``garbage``   stored, but the answer is not what the interface says
- ``slow``      stored, and the answer drips byte by byte
- ``flaky:N``   none, 500, lost or garbage by the dice; N seeds them
"""

import random
import threading
from collections.abc import Callable

FAULTS = ("none", "500", "lost", "timeout", "garbage", "slow")
DICE = ("none", "500", "lost", "garbage")


def read_fault(text: str) -> Callable[[], str]:
    """A source of faults, one a request; ValueError says which modes there are."""
    mode, _, seed = text.partition(":")
    if mode in FAULTS and not seed:
        return lambda: mode
    if mode == "flaky" and seed.isdigit():
        dice, lock = random.Random(int(seed)), threading.Lock()

        def roll() -> str:
            with lock:
                return dice.choice(DICE)

        return roll
    raise ValueError(f"--fault 只能是 {'、'.join(FAULTS)} 或 flaky:数字，收到的是 {text!r}")
