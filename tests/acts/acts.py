"""What somebody can try, whether it is allowed or not: the steps of the procedure, and what happens beside them."""

from tests.acts import sittings_tried, window_tried
from tests.acts.besides import OTHERS
from tests.acts.people import SYSTEM, World
from tests.acts.steps_tried import FRESH, LONG_AGO, OVERTAKEN, STEPS, Act, NothingThere, Trying

KINDS = (*STEPS, *OTHERS)
# Whoever has a link to sign has no account.
BY_NOBODY = frozenset({"dismiss", "receipt", "lose", "wait", "deem_accepted", "sign_link"})
# Of several services, one after the other. Every other act is one service, which undoes by itself what it refuses.
SEVERAL = frozenset({
    "start", "start_together", "join", "receive", "request_correction", "resubmit", "review", "uphold", "overturn",
})  # fmt: skip


def tried(world: World, act: Act) -> Trying:
    return Trying(
        world, act, world.person(SYSTEM if act.kind in BY_NOBODY else act.who), world.case(act.which)
    )


def perform(it: Trying) -> None:
    {**STEPS, **OTHERS}[it.act.kind](it)


__all__ = [
    "BY_NOBODY",
    "FRESH",
    "KINDS",
    "LONG_AGO",
    "OTHERS",
    "OVERTAKEN",
    "SEVERAL",
    "STEPS",
    "Act",
    "NothingThere",
    "Trying",
    "perform",
    "sittings_tried",
    "tried",
    "window_tried",
]
