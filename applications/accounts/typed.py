"""What a person typed into a form that was not taken: kept for that person alone, and offered again on its page.

A form is not taken when the session had ended, the page was stale, the case had moved on, something else in it was wrong,
or the portal failed, and while somebody still types (static/js/keep.js). What was typed then lies in a row of its writer,
encrypted, for some days; the page of the form offers it beside what stands there now (templates/includes/typed_again.html),
and it goes when the form is taken or its writer discards it. Never kept: passwords, codes, tokens, files, and what is posted
to pages of no person.

A page that keeps while somebody types has a sitting, a random mark that is the fragment of the row's ``action``: so two tabs
with the same form keep a row each. The form brings its own sitting and those that were offered beside it, so that they go
with it when it is taken, and what another tab keeps does not.

Whose it is, the form itself says: its CSRF token is made from a secret that is new with every sign-in, and a signed cookie
says whose sign-in had which. So what one person typed is never offered to another who signed in to the same browser since.
"""

import json
import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from cryptography.fernet import InvalidToken
from django.conf import settings
from django.core import signing
from django.core.cache import cache
from django.core.exceptions import DisallowedHost
from django.db import transaction
from django.db.models import Q
from django.http import HttpRequest, HttpResponseBase, UnreadablePostError
from django.http.request import RawPostDataException
from django.middleware.csrf import _unmask_cipher_token  # type: ignore[attr-defined]  # the stubs leave it out
from django.urls import Resolver404, ResolverMatch, resolve
from django.utils.crypto import salted_hmac

from applications.accounts.models import TypedText
from applications.at_rest import decrypt, encrypt
from rules.retention import period_of

KEPT_FOR = period_of("typed_text")
# Forms of one person; the oldest goes.
MOST = 20
MOST_BYTES = 128 * 1024
# Of an address, which has a sitting behind it.
LONGEST = 460
# Whose sign-in the last few forms in this browser come from.
COOKIE = "forms_of"
COOKIE_MOST = 5
# The fields of a page that keeps while somebody types: its sitting and those offered on it; where its form is sent to.
SITTING, ACTION = "_sitting", "_action"
_SITTING = re.compile(r"[0-9a-f]{32}")
# A form that is on its way while its last words still are: they are not kept after it was taken.
TAKEN_SECONDS = 3600
# In the session of whom something is kept for: nobody else's pages ask the database.
FLAG = "typed"

_TOKEN = re.compile(r"[A-Za-z0-9]{64}")
_SECRET = re.compile(r"password|otp|token|secret|identity_number|^key$", re.IGNORECASE)
# What pages send along, and nobody types.
_SENT_ALONG = re.compile(
    r"^(code|kept|dropped|version|next|action|index|select_across|draft|take|_.*|.*-?(TOTAL|INITIAL|MIN_NUM|MAX_NUM)_FORMS"
    r"|initial-.*)$"
)
# A choice or a key, in contrast to words, dates and amounts.
_CHOICE = re.compile(r"[A-Za-z_]+|\d{1,9}|[0-9a-f-]{32,36}|")
# Their forms are about codes, sign-in and passwords, and most who use them have not signed in.
_APPS_LEFT_OUT = frozenset({"portal", "documents", "accounts", "deadlines", "notifications", "signing"})
# Posted so that a person's number stays out of the address: nothing is to be done there.
_LOOKING = frozenset({"admin:reports_choose", "admin:repairs_reception_find"})
# Differ from visit to visit of the same page.
_QUERY_LEFT_OUT = frozenset({"_changelist_filters", "_popup", "queue"})


class TooLong(Exception):
    """What was typed is more than ``MOST_BYTES``."""


@dataclass(frozen=True)
class Kept:
    """For whom, by id; ``row`` None where nobody typed anything but choices."""

    writer: int
    row: TypedText | None


def keep_typed(
    request: HttpRequest, *, at: datetime, landed: str = "", csrf_failed: bool = False
) -> int | None:
    """Keep what the posted form holds for whom it was made for; who that is, by id, if it lies there now.

    ``landed``: the page where the person is sent instead.
    """
    writer = _writer(request, request.resolver_match, csrf_failed=csrf_failed)
    if writer is None:
        return None
    try:
        row = _keep(request, writer, request.get_full_path(), landed=landed, at=at)
    except TooLong:
        return None
    return writer if row else None


def keep_while_typing(request: HttpRequest, *, at: datetime, csrf_failed: bool) -> Kept | None:
    """Keep what a form that was not sent yet holds, in the row of its sitting; None: nobody knows whose it is, or the form
    is one of those that are not kept.

    Raises TooLong.
    """
    action = request.POST.get(ACTION, "")
    try:
        match = resolve(urlsplit(action).path)
    except (Resolver404, ValueError):
        return None
    writer = _writer(request, match, csrf_failed=csrf_failed)
    if writer is None or not sittings_of(request) or "\0" in action:
        return None
    return Kept(writer, _keep(request, writer, action, at=at))


def _keep(
    request: HttpRequest, writer: int, action: str, *, at: datetime, landed: str = ""
) -> TypedText | None:
    typed = _typed(request)
    content = json.dumps(typed, ensure_ascii=False)
    if len(content.encode()) > MOST_BYTES:
        raise TooLong
    address, sittings = _address(action), sittings_of(request)
    pages = sorted({address, _address(page_of(request)), _address(landed)} - {""})
    row_of: dict[str, Any] = {"writer_id": writer, "action": _rows_of(address, sittings[:1])[-1]}
    if not typed:
        # All was deleted again on the page that kept it.
        if sittings:
            TypedText.objects.filter(**row_of).delete()
        return None
    with transaction.atomic():
        row, _new = TypedText.objects.update_or_create(
            **row_of,
            defaults={"pages": pages, "content": encrypt(content.encode()).decode(), "kept_at": at},
        )
        rest = (
            TypedText.objects.filter(writer_id=writer)
            .order_by("-kept_at", "-pk")
            .values_list("pk", flat=True)
        )
        TypedText.objects.filter(pk__in=list(rest[MOST:])).delete()
    if sittings and cache.get(f"taken:{sittings[0]}"):
        row.delete()
        return None
    if request.user.is_authenticated and request.user.pk == writer:
        request.session[FLAG] = True
    return row


def kept_elsewhere(request: HttpRequest, row: TypedText) -> TypedText | None:
    """The newest that the row's writer typed into the same form in another window, and that the page does not offer."""
    address, _, _ = row.action.partition("#")
    others = TypedText.objects.filter(_at(address), writer_id=row.writer_id)
    return others.exclude(action__in=_rows_of(address, sittings_of(request))).order_by("-kept_at").first()


def forget_typed(request: HttpRequest) -> None:
    """The form was taken."""
    sittings = sittings_of(request)
    for sitting in sittings[:1]:
        cache.set(f"taken:{sitting}", True, TAKEN_SECONDS)
    if request.user.is_authenticated and FLAG in request.session:
        address = _address(request.get_full_path())
        which = Q(action__in=_rows_of(address, sittings)) if sittings else _at(address)
        TypedText.objects.filter(which, writer_id=request.user.pk).delete()


def sittings_of(request: HttpRequest) -> list[str]:
    """The sitting of the page that posted, and those that were offered on it."""
    if request.method == "POST" and not hasattr(request, "_post"):
        # Nobody has read the body, and it is not read for this: it may have been refused for its length.
        return []
    try:
        posted = request.POST.getlist(SITTING)
    except (UnreadablePostError, RawPostDataException):
        return []
    return [each for each in posted[: MOST + 1] if _SITTING.fullmatch(each)]


def keeps(request: HttpRequest) -> bool:
    """Whether the forms of this page are kept while somebody types into them."""
    return _is_kept(request.resolver_match) and request.user.is_authenticated


def _at(address: str) -> Q:
    return Q(action=address) | Q(action__startswith=f"{address}#")


def _rows_of(address: str, sittings: list[str]) -> list[str]:
    """The ``action`` of what was only posted, then those of the sittings."""
    return [address, *(f"{address}#{each}" for each in sittings)]


def offered(request: HttpRequest) -> list[dict[str, Any]]:
    """What is kept for this person and this page: ``row``, ``values`` by field, and the ``texts`` among them to read."""
    if request.method != "GET" or not request.user.is_authenticated or FLAG not in request.session:
        return []
    here = _address(request.get_full_path())
    found = []
    for row in TypedText.objects.filter(writer_id=request.user.pk).order_by("-kept_at"):
        if here not in row.pages:
            continue
        try:
            values = json.loads(decrypt(row.content.encode(), seconds=int(KEPT_FOR.total_seconds())))
        except InvalidToken:
            continue
        texts = [each for those in values.values() for each in those if not _CHOICE.fullmatch(each)]
        found.append({"row": row, "values": values, "texts": texts})
    return found


def note_kept(request: HttpRequest, user_id: int) -> None:
    """At sign-in: whether anything is kept for this person."""
    if TypedText.objects.filter(writer_id=user_id).exists():
        request.session[FLAG] = True


def remember_sign_in(request: HttpRequest, response: HttpResponseBase) -> None:
    """Note in the browser whose forms those are that this sign-in's CSRF secret signs."""
    secret = request.META.get("CSRF_COOKIE")
    # A page that did not ask who is there has no forms of anybody.
    if not secret or not request.session.accessed or not request.user.is_authenticated:
        return
    known, digest = _sign_ins(request), _digest(secret)
    if known.get(digest) == request.user.pk:
        return
    known.pop(digest, None)
    known[digest] = request.user.pk
    response.set_cookie(
        COOKIE,
        signing.dumps(dict(list(known.items())[-COOKIE_MOST:]), salt=COOKIE),
        max_age=int(KEPT_FOR.total_seconds()),
        secure=settings.HTTPS,
        httponly=True,
        samesite="Lax",
    )


def page_of(request: HttpRequest) -> str:
    """The page of ours on which the link or button was, as its path; empty where there is none."""
    try:
        before, here = urlsplit(str(request.META.get("HTTP_REFERER", ""))), request.get_host()
    except (ValueError, DisallowedHost):
        return ""
    # Two slashes would lead to another host.
    if before.netloc != here or not re.match(r"/(?!/)", before.path):
        return ""
    return before.path + (f"?{before.query}" if before.query else "")


def _address(address: str) -> str:
    """A page by its path and what its query says of its content."""
    parts = urlsplit(address)
    query = urlencode([pair for pair in parse_qsl(parts.query) if pair[0] not in _QUERY_LEFT_OUT])
    return (parts.path + (f"?{query}" if query else ""))[:LONGEST]


def _is_kept(match: ResolverMatch | None) -> bool:
    return not (
        match is None
        or match.app_name in _APPS_LEFT_OUT
        or match.view_name in _LOOKING
        or (match.url_name or "").startswith("account")
        or not match.url_name
    )


def _writer(request: HttpRequest, match: ResolverMatch | None, *, csrf_failed: bool) -> int | None:
    """For whom the form was made. A token that passed belongs to the sign-in that goes on. ``match``: where it is sent to."""
    if not _is_kept(match):
        return None
    if request.user.is_authenticated and not csrf_failed:
        return request.user.pk
    try:
        token = request.POST.get("csrfmiddlewaretoken", "")
    except (UnreadablePostError, RawPostDataException):
        return None
    if not _TOKEN.fullmatch(token):
        return None
    return _sign_ins(request).get(_digest(_unmask_cipher_token(token)))


def _typed(request: HttpRequest) -> dict[str, list[str]]:
    """The fields that somebody filled in; empty where nobody typed anything but choices."""
    try:
        posted = request.POST
    except (UnreadablePostError, RawPostDataException):
        return {}
    if "letter" in posted:
        # That only shows what the letter would be; nothing was to be done.
        return {}
    typed = {
        name: values
        for name, values in posted.lists()
        if not _SECRET.search(name) and not _SENT_ALONG.match(name) and any(values)
    }
    return typed if any(not _CHOICE.fullmatch(each) for those in typed.values() for each in those) else {}


def _sign_ins(request: HttpRequest) -> dict[str, int]:
    try:
        known: dict[str, int] = signing.loads(
            request.COOKIES.get(COOKIE, ""), salt=COOKIE, max_age=int(KEPT_FOR.total_seconds())
        )
    except signing.BadSignature:
        return {}
    return known


def _digest(secret: str) -> str:
    return salted_hmac(COOKIE, secret, algorithm="sha256").hexdigest()[:32]
