"""Who has charge of a case, as the officers' page asks for it."""

from datetime import date
from typing import Any, cast

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from applications.accounts.absences import absence_of
from applications.accounts.models import User
from applications.repairs.access import handlers_of, may_assign
from applications.repairs.models import RepairCase


class OfficerForm(forms.Form):
    """``officer``: one of those whose turn it is, or nobody in particular."""

    officer = forms.ModelChoiceField(
        label=_("承办人"), queryset=User.objects.none(), required=False, empty_label=_("不指定（本岗全体）")
    )


def officer_form(case: RepairCase, user: User, officer: User | None, data: Any = None) -> OfficerForm | None:
    """Who has charge of a case, for those who may say so; None for others, and where it is no officer's turn. ``officer``: who
    has it now."""
    if not may_assign(user, case):
        return None
    form = OfficerForm(data, initial={"officer": officer})
    field = cast("forms.ModelChoiceField[User]", form.fields["officer"])
    # Each is shown by name; what is encrypted of them is not read.
    field.queryset = handlers_of(case).defer("phone")
    return form


def in_charge(officer: User | None, today: date) -> str:
    """Who has charge of a case now and who is reminded, in a sentence without its end."""
    if officer is None:
        return gettext("没有指定承办人，期限提醒发给本岗全体人员")
    if away := absence_of(officer, today):
        return gettext(
            "由%(name)s承办，%(name)s离岗至%(last)s，由%(cover)s代办；代办人不能承办的，由本岗其他人员办理"
        ) % {
            "name": officer.name,
            "last": away.last_on.isoformat(),
            "cover": away.cover.name,
        }
    return gettext("由%(name)s承办，期限提醒发给%(name)s") % {"name": officer.name}
