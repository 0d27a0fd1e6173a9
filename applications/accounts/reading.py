"""Who looked at whose data: each page that an officer is shown is an event, written before the page leaves.

A page about one object is an event of the object's own chain. A list is one event, whatever its length, of a chain of
its reader's own, so that no officer waits for another; it names the rows that were shown and never what was typed
to find them. People who read what is their own, or their organ's through a verified claim, are not recorded.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import wraps
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.db.models import Model
from django.http import HttpRequest, HttpResponseBase
from django.urls import URLPattern
from django.utils import timezone

from applications.accounts.models import User
from applications.ledger.services import record_event

if TYPE_CHECKING:
    from applications.accounts.admin_access import OrganScopedAdmin

# A page with what was wrong about a form shows as much as the page before.
SHOWN = frozenset({200, 400, 409})


def note_shown(request: HttpRequest, objects: Iterable[Model]) -> None:
    """For a page of no single object that is no list of Django's either: whom it shows. None is an answer too."""
    request._shown = list(objects)  # type: ignore[attr-defined]


def recorded(admin: OrganScopedAdmin[Any], pattern: URLPattern) -> URLPattern:
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
    admin: OrganScopedAdmin[Any],
    name: str,
    request: HttpRequest,
    response: HttpResponseBase,
    arguments: Mapping[str, Any],
) -> None:
    payload: dict[str, Any] = {"page": name}
    if arguments:
        obj = admin.shown_object(arguments)
        if obj is None:
            return
        model, action, chain = obj._meta.model_name, "read", admin.reading_chain(obj)
        payload["object"] = _key(obj)
    else:
        changelist = (getattr(response, "context_data", None) or {}).get("cl")
        shown = getattr(request, "_shown", None) if changelist is None else list(changelist.result_list)
        # An empty form or list shows nobody; where a page says so itself, it holds what no object stands for.
        if shown is None or (changelist is not None and not shown):
            return
        model, action, chain = admin.opts.model_name, "listed", ""
        payload |= {"objects": [_key(each) for each in shown], "searched": bool(request.GET.get("q"))}
    user = request.user
    assert isinstance(user, User)
    with transaction.atomic():
        record_event(
            chain=chain or f"reading-{user.pk}",
            verb=f"{model}.{action}",
            at=timezone.now(),
            actor=user,
            role="staff",
            organ=user.organ,
            payload=payload,
        )


def _key(obj: Model) -> int | str:
    return obj.pk if isinstance(obj.pk, int) else str(obj.pk)
