"""An officer's step as one page: its form, what will follow, and the service that takes it.

Each step's module has its own ``Page``; what all pages have in common is here.
"""

from abc import abstractmethod
from datetime import date, datetime
from typing import Any, ClassVar

from django import forms
from django.urls import reverse
from django.utils.translation import gettext as _

from applications.accounts.models import User
from applications.accounts.refusals import noted
from applications.documents.models import Kind
from applications.policies.selectors import clock_article
from applications.repairs import access
from applications.repairs.assessing import policy_of
from applications.repairs.errors import REFUSALS, NotAllowed
from applications.repairs.models import RepairCase
from applications.repairs.selectors import unsent_notice
from rules.eligibility import Assessment
from rules.procedure import CLOCK_LABELS, ROLE_LABELS, STATES, Role, find_step


class PlainForm(forms.Form):
    """A step that needs no words, only a confirmation."""

    version = forms.IntegerField(widget=forms.HiddenInput)


class StepPage:
    """IllegalAction where the table has no such row in the case's state, NotAllowed where it is not theirs."""

    action: ClassVar[str]
    # The look of the button that leads here.
    look: ClassVar[str]
    form_class: ClassVar[type[PlainForm]] = PlainForm
    # Whether the record, the claims and the materials stand beside the form.
    beside_materials: ClassVar[bool] = False
    # Whether the step drops a correction notice that has not gone out.
    drops_draft: ClassVar[bool] = False
    # The rows of a page that asks for several things of one kind.
    formset: Any = None

    def __init__(self, case: RepairCase, actor: User, today: date, posted: Any = None) -> None:
        self.case, self.actor, self.today, self.posted = case, actor, today, posted
        with noted(*REFUSALS, act=self.action, about=case.number):
            self.step = find_step(case.status, self.action)
            if not access.may_act(actor, self.step.role, case):
                raise NotAllowed(self.action)
        self.problems: list[str] = []
        self.form = self.make_form(posted)
        # What the rules say, where the officer decides by it.
        self.assessment = self.assess()

    @classmethod
    def is_open(cls, case: RepairCase, actor: User, today: date) -> bool:
        """Whether this officer could take the step now, as far as the facts decide; role and state are given."""
        return True

    def make_form(self, posted: Any) -> Any:
        return self.form_class(posted, initial={"version": self.case.version})

    def assess(self) -> Assessment | None:
        return None

    @property
    def after(self) -> str:
        """Where the officer goes next."""
        return reverse("admin:repairs_repaircase_change", args=[self.case.pk])

    def is_valid(self) -> bool:
        # Both, so that both show their errors.
        form, formset = self.form.is_valid(), self.formset is None or self.formset.is_valid()
        return bool(form and formset)

    def errors(self) -> list[str]:
        """What is wrong about what was typed, as sentences."""
        found = [str(error) for errors in self.form.errors.values() for error in errors]
        for row in self.formset or []:
            found += [str(error) for errors in row.errors.values() for error in errors]
        return found + [str(error) for error in (self.formset.non_form_errors() if self.formset else [])]

    def consequences(self) -> list[str]:
        """What follows from the step, read off the procedure table."""
        step, policy = self.step, policy_of(self.case, self.today)
        names = "、".join(f"《{Kind(kind).label}》" for kind in step.documents)
        lines = [_("出具%(names)s") % {"names": names}] if names else []
        if self.drops_draft and (unsent := unsent_notice(self.case)):
            lines.insert(
                0, _("没有发出的补正告知（%(n)d项）不再发出，草稿删除") % {"n": unsent.items.count()}
            )
        lines += [_("停止计算“%(clock)s”期限") % {"clock": CLOCK_LABELS[clock]} for clock in step.meets]
        lines += [
            _("开始计算“%(clock)s”期限：%(working_days)s个工作日（第%(article)s条）")
            % {
                "clock": CLOCK_LABELS[clock],
                "working_days": policy.clocks[clock].working_days,
                "article": clock_article(policy, clock),
            }
            for clock in step.starts
        ]
        if step.annotates:
            lines.append(
                _("在失信行为信息上标注（该信息依法不公示）")
                if self.case.record.is_withheld
                else _("在失信行为信息上标注，并立即停止公示")
            )
        if step.publishes:
            lines.append(_("公开信用承诺（申请人同意公开，并且依法可以公开的）"))
        if step.shares:
            lines.append(_("把决定推送到公共信用信息共享平台"))
        return [*lines, self._who_is_told(), *self._who_is_next()]

    def _who_is_told(self) -> str:
        if not self.step.tells:
            return _("不通知申请人")
        if self.case.filing.reception_id is None:
            return _("通知申请人")
        # Nobody has an account of what came at the window or by post.
        return _("不发电子通知；文书由受理岗送达当事人，并在“窗口、邮寄收件”登记送达")

    def _who_is_next(self) -> list[str]:
        step, turn = self.step, STATES[self.step.target].turn
        if step.target == step.source:
            return []
        words = {"state": STATES[step.target].label, "role": ROLE_LABELS[turn] if turn else ""}
        if turn in (None, Role.APPLICANT):
            return [_("申请变为“%(state)s”") % words]
        return [_("申请变为“%(state)s”，由%(role)s接着办理") % words]

    def take(self, *, at: datetime) -> str:
        """Take the step; the sentence for the officer who did."""
        said = self.perform(
            case=self.case, actor=self.actor, at=at, version=self.form.cleaned_data["version"]
        )
        return said or _("%(number)s：已办理“%(label)s”。") % {
            "number": self.case.number,
            "label": self.step.label,
        }

    @abstractmethod
    def perform(self, **common: Any) -> str | None:
        """Call the step's service with what every step needs (case, actor, at, version) and with the form's words;
        return what the officer is told, if that is more than that it was done."""
