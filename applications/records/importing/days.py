"""The days of a penalty that cannot be: still to come, before there was a law, or one before the other."""

from collections.abc import Iterable, Iterator
from datetime import date

from django.utils.translation import gettext as _

from applications.records.importing.cells import Duty
from applications.records.importing.columns import HEADINGS

# The first penalty law came into force on this day; an earlier decision is a slip of the keyboard.
FIRST_DECISION = date(1996, 10, 1)


def wrong_days(
    *,
    on: date,
    decided_on: date | None = None,
    identified_on: date | None = None,
    valid_until: date | None = None,
    duties: Iterable[Duty] = (),
) -> Iterator[tuple[str, str]]:
    """Column key, and what is wrong with it. ``on`` is today; what is None says nothing."""
    for key, day in (("decided_on", decided_on), ("identified_on", identified_on)):
        if day and day > on:
            yield key, _("“%(heading)s”晚于今天，请核对。") % {"heading": HEADINGS[key]}
    if decided_on:
        if decided_on < FIRST_DECISION:
            yield "decided_on", _("处罚决定日期早于《行政处罚法》施行之日（1996年10月1日），请核对。")
        if identified_on and identified_on < decided_on:
            yield "identified_on", _("认定日期不能早于处罚决定日期，请核对。")
        if valid_until and valid_until < decided_on:
            yield "valid_until", _("处罚有效期不能早于处罚决定日期，请核对。")
    for duty in duties:
        if duty.fulfilled_on and duty.fulfilled_on > on:
            yield "fulfilment", _("“%(name)s”的履行日期晚于今天，请核对。") % {"name": duty.name}
