"""The six pages that every model has at the officers' site."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tests.isolation.pages import Body, Page
from tests.isolation.people import NOBODY, Group


@dataclass(frozen=True)
class Model:
    """``opens`` is whom the list opens to, ``own`` and ``other`` who finds the near and the far thing there.

    ``adds`` and ``changes``: whose forms are filled in with ``new`` and ``changed``. ``near`` and ``far`` are who
    may read there what is a place's, where it differs from who finds the thing; ``listed``: who in the list alone.
    """

    path: str
    thing: str
    opens: Group
    own: Group
    other: Group = NOBODY
    near: Group | None = None
    far: Group | None = None
    listed: Group = NOBODY
    adds: Group = NOBODY
    new: Body | None = None
    new_posts: tuple[Group, Group] = (NOBODY, NOBODY)
    changed: Body | None = None
    changes: tuple[Group, Group] = (NOBODY, NOBODY)
    chosen: dict[str, Any] | None = None

    def pages(self) -> list[Page]:
        base, far = f"/admin/{self.path}/", self.other if self.far is None else self.far
        one = f"{base}{{{self.thing}}}/"
        acts = (self.own, self.other) if self.chosen else (NOBODY, NOBODY)
        common: dict[str, Any] = {"near": self.own if self.near is None else self.near}
        return [
            Page(base, self.opens, far, body=self.chosen, own_posts=acts[0], other_posts=acts[1],
                 near=common["near"] | self.listed),
            Page(f"{base}add/", self.adds, body=self.new, own_posts=self.new_posts[0],
                 other_posts=self.new_posts[1], **common),
            Page(f"{one}change/", self.own, self.other, body=self.changed, own_posts=self.changes[0],
                 other_posts=self.changes[1], **common),
            Page(f"{one}history/", self.own, self.other, **common),
            Page(f"{one}delete/", NOBODY, **common),
            # Leads to the page of the change, which decides.
            Page(one, NOBODY, **common),
        ]  # fmt: skip
