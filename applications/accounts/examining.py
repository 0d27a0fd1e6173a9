"""Examining a file costs computing, and the account that brings it has only so much of it.

One visitor's costly files must not keep all others waiting, whether they are refused in the end or taken.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from math import ceil

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from applications.accounts.limits import Limit, begin, clock_time
from applications.accounts.models import User
from applications.files import bounded
from applications.files.inspection import Inspected, Upload, clean_name, inspected

# Tenths of a second. A scan takes three of them, a large photo ten: this is the work of some hundred files.
COMPUTING = Limit("examining", times=1200, seconds=15 * 60)


def examined(upload: Upload, *, user: User) -> Inspected:
    """The upload after its examination at the user's expense. Services call this before their transaction begins.

    Raises a ValidationError in Chinese that names the file and the remedy.
    """
    if isinstance(upload, Inspected):
        return upload
    with at_expense_of(user, name=upload.name or ""):
        return inspected(upload)


@contextmanager
def at_expense_of(user: User, *, name: str) -> Iterator[None]:
    """Charge the user for what the file costs that is examined inside. ValidationError, and nothing is examined: the
    files of this account have cost too much; it names the file and says from when on there is more."""
    most = ceil(10 * bounded.CPU_SECONDS)
    attempt = begin(COMPUTING, str(user.pk), cost=most)
    if not attempt.admitted:
        raise ValidationError(
            _(
                "“%(name)s”没有检查，也没有保存：您最近上传的文件检查起来太费时。"
                "请在%(until)s以后再上传这个文件，或到窗口办理。"
            ),
            params={"name": clean_name(name), "until": clock_time(attempt.until)},
            code="too_much",
        )
    with bounded.metered() as meter:
        try:
            yield
        finally:
            attempt.take_back(max(0, most - ceil(10 * meter.seconds)))
