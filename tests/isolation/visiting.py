"""Requests that leave nothing behind."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from copy import deepcopy
from typing import Any

import pytest
from django.contrib.auth.backends import ModelBackend
from django.core.files.storage import FileSystemStorage
from django.db import connection, transaction
from django.db.models import prefetch_related_objects
from django.template.backends.django import Template

# Also those written out by hand, without quotes.
WRITES = re.compile(r'\b(?:INSERT(?: OR IGNORE)? INTO|UPDATE|DELETE FROM)\s+"?(\w+_\w+)')
# Whoever may read a thing leaves a trace: that it was read.
READING = {"ledger_event", "notifications_message"}
# Whoever may not leaves one too: that it was refused, and, for that person alone, what was typed.
REFUSAL = {"ledger_event"}
KEPT = {"accounts_typedtext", "django_session"}


# The pages of refusals: all that they say beyond the address depends on who asks, how, and the reason.
REFUSED = {"403.html", "404.html"}


@contextmanager
def refusals_drawn_once() -> Iterator[None]:
    """They are most of what tens of thousands of requests get, and drawing them was a third of the time."""
    draw, drawn = Template.render, {}

    def render(self: Template, context: Any = None, request: Any = None) -> str:
        if self.template.name not in REFUSED:
            return draw(self, context, request)
        key = (self.template.name, request.user.pk, request.method, (context or {}).get("reason"))
        if key not in drawn:
            drawn[key] = draw(self, context, request)
        return drawn[key]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Template, "render", render)
        yield


@contextmanager
def people_read_once() -> Iterator[None]:
    """The account of who asks, and its organ: what a request does to them is undone, so each would read the same."""
    read, people = ModelBackend.get_user, dict[int, Any]()

    def get_user(self: ModelBackend, user_id: int) -> Any:
        if user_id not in people:
            people[user_id] = user = read(self, user_id)
            prefetch_related_objects([user], "organ")
        # Whatever a page changes on it, the next one does not see.
        return deepcopy(people[user_id])

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ModelBackend, "get_user", get_user)
        yield


def unwaited() -> transaction.Atomic:
    """A transaction that Django takes for the one around a test: no examination of a file is held up for it."""
    around = transaction.atomic()
    around._from_testcase = True
    return around


@contextmanager
def undone() -> Iterator[set[str]]:
    """The tables that are written to meanwhile, and "a file" where one is stored; afterwards all is as before."""
    written: set[str] = set()

    def note(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        written.update(WRITES.findall(sql))
        return execute(sql, params, many, context)

    store = FileSystemStorage._save

    def note_file(self: FileSystemStorage, name: str, content: Any) -> str:
        written.add("a file")
        return store(self, name, content)

    with pytest.MonkeyPatch.context() as patch, connection.execute_wrapper(note), unwaited():
        patch.setattr(FileSystemStorage, "_save", note_file)
        yield written
        transaction.set_rollback(True)
