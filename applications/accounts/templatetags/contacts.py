"""Telephones, e-mail addresses, identity numbers and homes on the pages of officers (accounts.revealing)."""

from django import template
from django.db.models import Model
from django.template.context import Context
from django.utils import timezone

from applications.accounts.revealing import is_revealed
from applications.masking import MASKS

register = template.Library()


@register.simple_tag(takes_context=True)
def contact(context: Context, value: str, kind: str, obj: Model) -> str:
    """The value masked by its kind (masking.MASKS), or in full while ``obj`` is revealed to the reader. — where there is none."""
    if not value:
        return "—"
    return value if is_revealed(context["request"], obj, timezone.now()) else MASKS[kind](value)


@register.simple_tag(takes_context=True)
def revealed(context: Context, obj: Model) -> bool:
    return is_revealed(context["request"], obj, timezone.now())


@register.filter
def masked_email(account: object) -> str:
    """The address of an account: an officer's is of the office, anybody else's is masked."""
    email: str = getattr(account, "email", "")
    return email if getattr(account, "is_staff", False) else MASKS["email"](email)
