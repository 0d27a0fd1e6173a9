from collections.abc import Iterable

from django import template

from applications.accounts.models import User
from applications.portal.reminders.of_records import reminded_of
from applications.repairs.record_list import Standing

register = template.Library()


@register.simple_tag
def reminded(user: User, standings: Iterable[Standing]) -> set[int]:
    """Of which of these records that may be repaired later the user is reminded; nothing is asked where there is none."""
    later = [each.record.pk for each in standings if each.first_day]
    return reminded_of(user, later) if later else set()
