"""不予受理 (Article 8): another body is competent, or there is nothing to repair; with the reason."""

from datetime import datetime
from typing import Any

from django import forms
from django.db import models
from django.db.models import QuerySet
from django.utils.timezone import localdate
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from applications.accounts.models import User
from applications.documents import remedies
from applications.organs.models import Organ
from applications.records.selectors import channels
from applications.repairs import letters
from applications.repairs.assessing import assess_case
from applications.repairs.errors import NotReady
from applications.repairs.models import RepairCase
from applications.repairs.outcome import in_words
from applications.repairs.steps.frame import Transition, take
from applications.repairs.steps.pages import PlainForm, StepPage

MESSAGE = _("您的申请不予受理。\n%(reasons)s")


class Ground(models.TextChoices):
    """Why an application is not taken in. Papers that are incomplete are none: they are asked for (Article 8)."""

    OTHER_ORGAN = "other_organ", _("由其他机构办理")
    ELSEWHERE = "elsewhere", _("失信行为不是在本省行政区域内认定")
    NOT_NEEDED = "not_needed", _("最长公示期已满")


# What the letter tells of each: the ground in the law's words, and where to go from there.
WORDS = {
    Ground.OTHER_ORGAN: (
        "根据《通知》第三条、第七条，该失信行为信息的信用修复不由我单位办理。",
        "本事项由%(organ)s办理，请向该单位提出申请。",
    ),
    Ground.ELSEWHERE: (
        "该失信行为信息不是在本省行政区域内认定，根据《通知》第二条，不适用《通知》。",
        "请向认定地的认定单位或者信用工作机构申请。",
    ),
    Ground.NOT_NEEDED: (
        "该失信行为信息的最长公示期已满，不需要修复。",
        "不需要再次提出申请。",
    ),
}


PHONE = "该单位的联系电话：%(phone)s。"


def other_handling_organs(case: RepairCase) -> QuerySet[Organ]:
    """The bodies that the applicant may turn to for this record, where the case's own is none of them (any more). Between
    those that are the applicant chooses (Article 7)."""
    competent = {organ.pk for organ in channels(case.record)}
    return Organ.objects.filter(
        pk__in=competent - {case.organ_id} if case.organ_id not in competent else ()
    ).order_by("name")


class DeclineForm(PlainForm):
    ground = forms.ChoiceField(
        label=_("不予受理的情形"),
        choices=[("", "—"), *Ground.choices],
        help_text=_("材料不齐全或者不符合要求的，不能不予受理，请一次性告知补正。"),
    )
    competent_body = forms.ModelChoiceField(
        label=_("应当向哪个机构申请"),
        queryset=Organ.objects.none(),
        required=False,
        help_text=_("由其他机构办理的必选。"),
    )
    reason = forms.CharField(
        label=_("查明的事实和理由"),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("写明事实和依据，会写进不予受理告知书。"),
    )

    def __init__(self, *args: Any, case: RepairCase, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["competent_body"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = other_handling_organs(case)


def decline_case(
    *,
    case: RepairCase,
    ground: str,
    reason: str,
    competent_body: Organ | None = None,
    actor: User,
    at: datetime,
    version: int | None = None,
) -> RepairCase:
    """Not accept, on one of the grounds that there are, with the reason and, where another body is competent, which.

    NotReady: no reason, no other body where one is competent, or publicity is not over.
    """
    ground = Ground(ground)
    if not reason.strip():
        raise NotReady(gettext("请填写不予受理的理由。"))
    if ground != Ground.OTHER_ORGAN:
        competent_body = None
    elif case.organ in channels(case.record):
        raise NotReady(gettext("申请人可以选择向本机构申请（第七条），不能以由其他机构办理为由不予受理。"))
    elif competent_body is None or not other_handling_organs(case).filter(pk=competent_body.pk).exists():
        raise NotReady(gettext("请选择应当向哪个机构申请。"))
    with take(case=case, action="decline", actor=actor, at=at, version=version) as transition:
        if (
            ground == Ground.NOT_NEEDED
            and assess_case(transition.case, localdate(at)).outcome != ground.value
        ):
            raise NotReady(gettext("该信息的最长公示期未满，不能以此不予受理。"))
        transition.payload |= {"ground": ground.value, "reason": reason.strip()}
        transition.case.correction_notices.filter(sent_at=None).delete()
        letter = transition.issue(
            "non_acceptance_notice",
            non_acceptance_notice(transition, ground=ground, reason=reason, competent_body=competent_body),
        )
        transition.message = MESSAGE % {"reasons": in_words(letter.kind, letter.content)}
    return transition.case


def non_acceptance_notice(
    transition: Transition, *, ground: Ground, reason: str, competent_body: Organ | None
) -> dict[str, Any]:
    case = transition.case
    named, whereto = WORDS[ground]
    if competent_body:
        whereto %= {"organ": competent_body.name}
        if competent_body.phone:
            whereto += PHONE % {"phone": competent_body.phone}
    return letters.heading(case, transition.at) | {
        **letters.received(case),
        "ground": named,
        "reason": reason.strip(),
        "whereto": whereto,
        "remedies": remedies.told(case.organ, transition.at),
    }


class Page(StepPage):
    action, look = "decline", "danger"
    drops_draft = True

    def make_form(self, posted: Any) -> DeclineForm:
        return DeclineForm(posted, case=self.case, initial={"version": self.case.version})

    def perform(self, **common: Any) -> None:
        data = self.form.cleaned_data
        decline_case(
            **common,
            ground=data["ground"],
            reason=data["reason"],
            competent_body=data["competent_body"],
        )
