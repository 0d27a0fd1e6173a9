"""What officers see of people masked, telephones, e-mail addresses, identity numbers, homes, until one says what it is needed
for; then that officer sees it on the pages of that object for half an hour. It is a reading with its purpose, and the person is
told of it (Personal Information Protection Law 6)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.db.models import Model
from django.http import HttpRequest
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from applications.accounts.models import User
from applications.accounts.reading import note_reading
from applications.foreign_text import clean
from applications.masking import mask_numbers

REVEALED = "contact.revealed"
FOR = timedelta(minutes=30)
PURPOSES: dict[str, str | Promise] = {
    "call": _("电话联系"),
    "check": _("核对、更正登记的内容"),
    "service": _("送达文书"),
    "other": _("其他"),
}
# In the session: until when which objects are shown in full.
_KEY = "revealed"


class RevealForm(forms.Form):
    purpose = forms.ChoiceField(
        label=_("目的"),
        choices=list(PURPOSES.items()),
        widget=forms.RadioSelect,
        error_messages={"required": _("请选择为什么要看。"), "invalid_choice": _("请选择为什么要看。")},
    )
    note = forms.CharField(
        label=_("说明"),
        required=False,
        max_length=100,
        help_text=_("选“其他”的必须写明。本人会看到这里写的内容；不要写姓名和号码。"),
    )

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if cleaned.get("purpose") == "other" and not cleaned.get("note"):
            self.add_error("note", gettext("选“其他”的，请写明为什么要看。"))
        return cleaned


def _key(obj: Model) -> str:
    return f"{obj._meta.label_lower}:{obj.pk}"


def is_revealed(request: HttpRequest, obj: Model, at: datetime) -> bool:
    until: float = request.session.get(_KEY, {}).get(_key(obj), 0)
    return at.timestamp() < until


def reveal(request: HttpRequest, obj: Model, *, about: str, purpose: str, note: str, at: datetime) -> None:
    """Show it in full to who is signed in. ``about``: the ledger chain by which whom it is about is told.

    Ledger: ``contact.revealed`` in the reader's chain, with the purpose; of the note no number of anybody.
    """
    assert isinstance(request.user, User)
    payload: dict[str, Any] = {"object": obj.pk, "purpose": purpose}
    if note:
        payload["note"] = mask_numbers(clean(note, 100))
    note_reading(reader=request.user, verb=REVEALED, at=at, about=about, payload=payload)
    now = at.timestamp()
    running = {key: until for key, until in request.session.get(_KEY, {}).items() if until > now}
    request.session[_KEY] = {**running, _key(obj): (at + FOR).timestamp()}


def purpose_of(payload: Mapping[str, Any]) -> str:
    """For what it was shown, in words; empty for any other reading."""
    words = PURPOSES.get(payload.get("purpose", ""))
    if words is None:
        return ""
    note = payload.get("note")
    return gettext("%(purpose)s：%(note)s") % {"purpose": words, "note": note} if note else str(words)
