"""Who looked at whose data: each page that an officer is shown is an event, written before the page leaves.

Readings are written to a chain of the reader's own, so that nobody waits for another, least of all for who is deciding. A
page about one object says whose chain it is ``about`` (ledger.selectors.readings_about finds it by that), and a file that
was shown, which one it was (accounts.opened asks). A list is one event, whatever its length; it names the rows that were shown and never what was typed to find them. People who read what is their own, or their organ's through a verified claim, are not recorded.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from functools import wraps
from typing import Any, Protocol

from django.db import transaction
from django.db.models import Model
from django.http import HttpRequest, HttpResponseBase
from django.urls import URLPattern
from django.utils import timezone

from applications.accounts.models import User
from applications.files.responses import shown_file
from applications.ledger.models import READINGS
from applications.ledger.selectors import readings_about
from applications.ledger.services import record_event

# A page with what was wrong about a form shows as much as the page before.
SHOWN = frozenset({200, 400, 409})


class RecordedAdmin(Protocol):
    """An admin (admin_access.OrganScopedAdmin), as far as its readings go."""

    opts: Any
    impersonal: str

    def shown_object(self, arguments: Mapping[str, Any]) -> Model | None: ...

    def reading_chain(self, obj: Any) -> str: ...


def note_shown(request: HttpRequest, objects: Iterable[Model]) -> None:
    """For a page of no single object that is no list of Django's either: whom it shows. None is an answer too; of a page of one
    object, that it shows it masked, which is no reading."""
    request._shown = list(objects)  # type: ignore[attr-defined]


def reading_verb(obj: Model) -> str:
    """As what readings of the pages about an object, and of its files, stand in the ledger."""
    return f"{obj._meta.model_name}.read"


# Turning pages so long after a paper was opened is still the same reading of it.
ONE_READING = timedelta(minutes=30)


def note_reading(
    *,
    reader: User,
    verb: str,
    at: datetime,
    about: str = "",
    role: str = "staff",
    payload: dict[str, Any],
    goes_on: bool = False,
) -> None:
    """One event of the reader's own chain. ``about`` is the ledger chain of what was read; empty for a list.

    ``goes_on``: no other event where the same was read just before, as when a page is turned.
    """
    if about:
        payload = {"about": about, **payload}
    if goes_on and _was_reading(reader, verb, about, payload, at):
        return
    with transaction.atomic():
        record_event(
            chain=f"{READINGS}{reader.pk}",
            verb=verb,
            at=at,
            actor=reader,
            role=role,
            organ=reader.organ,
            payload=payload,
        )


def _was_reading(reader: User, verb: str, about: str, payload: dict[str, Any], at: datetime) -> bool:
    readings = readings_about(about, verb).filter(actor=reader, at__gt=at - ONE_READING)
    return payload in readings.values_list("payload", flat=True)


def recorded(admin: RecordedAdmin, pattern: URLPattern) -> URLPattern:
    """The page of an officers' admin, whose reading is an event unless the admin holds nothing personal."""
    view = pattern.callback

    @wraps(view)
    def page(request: HttpRequest, *args: Any, **arguments: Any) -> HttpResponseBase:
        response: HttpResponseBase = view(request, *args, **arguments)
        if response.status_code in SHOWN and not admin.impersonal:
            _record(admin, str(pattern.name), request, response, arguments)
        return response

    return URLPattern(pattern.pattern, page, pattern.default_args, pattern.name)


def _record(
    admin: RecordedAdmin,
    name: str,
    request: HttpRequest,
    response: HttpResponseBase,
    arguments: Mapping[str, Any],
) -> None:
    payload: dict[str, Any] = {"page": name}
    noted = getattr(request, "_shown", None)
    if arguments:
        obj = admin.shown_object(arguments)
        if obj is None or noted == []:
            return
        verb, about = reading_verb(obj), admin.reading_chain(obj)
        payload["object"] = _key(obj)
        if file := shown_file(response):
            payload["file"] = file
    else:
        changelist = (getattr(response, "context_data", None) or {}).get("cl")
        shown = noted if changelist is None else list(changelist.result_list)
        # An empty form or list shows nobody; where a page says so itself, it holds what no object stands for.
        if shown is None or (changelist is not None and not shown):
            return
        verb, about = f"{admin.opts.model_name}.listed", ""
        payload |= {"objects": [_key(each) for each in shown], "searched": bool(request.GET.get("q"))}
    user = request.user
    assert isinstance(user, User)
    note_reading(reader=user, verb=verb, at=timezone.now(), about=about, payload=payload)


def _key(obj: Model) -> int | str:
    return obj.pk if isinstance(obj.pk, int) else str(obj.pk)
