"""一次性告知补正 (Article 8): all that is missing, asked for once, within 3 working days of each submission."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, cast

from django import forms
from django.db import transaction
from django.forms import BaseFormSet, formset_factory
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from applications.accounts.access import has_role
from applications.accounts.acted import who_acted
from applications.accounts.http import whole_number
from applications.accounts.models import User
from applications.accounts.selectors import staff_of
from applications.ledger.services import record_event
from applications.repairs import access, letters, messages
from applications.repairs.errors import ChangedMeanwhile, KeptForNow, NotAllowed, NotReady, StaleCase
from applications.repairs.locking import lock_case
from applications.repairs.models import CorrectionItem, CorrectionNotice, MaterialKind, RepairCase
from applications.repairs.selectors import officer_of, unsent_notice
from applications.repairs.services.handling import assign_case
from applications.repairs.shown import digest_of
from applications.repairs.steps.frame import Transition, take
from applications.repairs.steps.pages import StepPage
from rules.procedure import IllegalAction, Role, State

MESSAGE = _(
    "您的申请需要补正材料：%(materials)s。问题和要求见补正材料告知书。这是一次性告知，补正没有期限，补正后重新答复。"
)


@dataclass(frozen=True)
class Defect:
    """One item of a correction notice. ``exception_reason`` is why an old item is asked for again."""

    material_kind: str
    defect: str
    requirement: str
    exception_reason: str = ""


@transaction.atomic
def draft_correction(
    *,
    case: RepairCase,
    defects: Sequence[Defect],
    actor: User,
    at: datetime,
    version: int | None = None,
    seen: str | None = None,
) -> CorrectionNotice:
    """Keep the items of a notice that is not sent yet, in place of those kept before. ``seen``: the digest of those that the
    page showed; None where there was no page.

    After the first notice an item that the latest submission did not bring waits for the reason of the organ's
    supervisor (一次性告知); a reason given for the same words before stays. NotReady names the item that is
    incomplete, or whose reason is not the officer's to give; ChangedMeanwhile where others are kept than the page showed;
    StaleCase as in a step.
    """
    locked = lock_case(case)
    if not access.may_act(actor, Role.INTAKE, locked):
        raise NotAllowed("drafting a correction notice needs the role intake")
    if version is not None and version != locked.version:
        raise StaleCase(messages.stale(locked))
    if locked.status != State.SUBMITTED:
        raise IllegalAction(locked.status, "request_correction")
    if seen is not None and seen != digest_of_items(kept_items(locked)):
        raise ChangedMeanwhile(_changed(locked))
    notice, _created = CorrectionNotice.objects.update_or_create(
        case=locked, round=locked.round, defaults={"drafted_by": actor, "drafted_at": at}
    )
    given = {
        (item.material_kind, item.defect, item.requirement): (item.exception_reason, item.exception_by)
        for item in notice.items.select_related("exception_by")
    }
    brought = set(locked.materials.filter(round=locked.round).values_list("kind", flat=True))
    rows = []
    for number, defect in enumerate(defects, 1):
        label = MaterialKind(defect.material_kind).label
        if not defect.defect.strip() or not defect.requirement.strip():
            raise NotReady(
                gettext("第%(number)s项“%(label)s”：问题和补正要求都要写明。")
                % {"number": number, "label": label}
            )
        item = CorrectionItem(
            notice=notice,
            material_kind=defect.material_kind,
            defect=defect.defect.strip(),
            requirement=defect.requirement.strip(),
            notice_round=locked.round,
            material_round=locked.round if defect.material_kind in brought else 0,
        )
        if item.asks_again:
            reason, by = given.get((item.material_kind, item.defect, item.requirement), ("", None))
            if defect.exception_reason.strip() not in ("", reason):
                if not access.may_waive(actor, locked):
                    raise NotReady(
                        gettext("第%(number)s项“%(label)s”：再次告知的理由只能由本单位负责人填写。")
                        % {"number": number, "label": label}
                    )
                if by not in (None, actor):
                    raise NotReady(_already_said(by, reason))
                reason, by = defect.exception_reason.strip(), actor
            item.exception_reason, item.exception_by = reason, by
        rows.append(item)
    notice.items.all().delete()
    CorrectionItem.objects.bulk_create(rows)
    record_event(
        chain=locked.number,
        verb="repair.correction_drafted",
        at=at,
        actor=actor,
        role=Role.INTAKE,
        organ=locked.organ,
        payload={"round": locked.round, "items": len(rows)},
    )
    return notice


def kept_items(case: RepairCase) -> list[CorrectionItem]:
    """The items of the notice of this submission that is not sent yet."""
    notice = unsent_notice(case)
    return list(notice.items.all()) if notice else []


def digest_of_items(items: Sequence[CorrectionItem]) -> str:
    """By which a page tells the service which items it showed. A head's reason changes none of them."""
    return digest_of([[item.material_kind, item.defect, item.requirement] for item in items])


def _changed(case: RepairCase) -> str:
    notice = unsent_notice(case)
    who = who_acted(notice.drafted_by if notice else None, notice.drafted_at if notice else case.edited_at)
    if notice is None or not notice.items.exists():
        return _("%(who_acted)s清空了这份草稿。您填写的没有保存，也没有发送，请核对后再保存或者发送。") % {
            "who_acted": who
        }
    return _(
        "%(who_acted)s改动了这份草稿，现在保存的各项列在下面。您填写的没有保存，也没有发送，"
        "请把要用的内容合到您填写的各项中，再保存或者发送。"
    ) % {"who_acted": who}


@transaction.atomic
def waive_item(*, item: CorrectionItem, reason: str, actor: User, at: datetime) -> CorrectionItem:
    """The head of the organ says why something is asked for that could have been asked for at once (Article 8).

    NotReady: no reason, or nothing waits for one any more.
    """
    case = lock_case(item.notice.case)
    if not access.may_waive(actor, case):
        raise NotAllowed("the reason is for the supervisor of the organ to give")
    kept = CorrectionItem.objects.filter(
        pk=item.pk, sent_at=None, notice__round=case.round, notice__case__status=State.SUBMITTED
    ).first()
    if kept is None or not kept.asks_again:
        raise NotReady(
            _("申请%(number)s的这项补正要求已经改动、发出或者不需要理由，请重新查看。")
            % {"number": case.number}
        )
    if not reason.strip():
        raise NotReady(gettext("请写明再次告知的理由。"))
    if kept.exception_by not in (None, actor):
        raise NotReady(_already_said(kept.exception_by, kept.exception_reason))
    kept.exception_reason, kept.exception_by = reason.strip(), actor
    kept.save(update_fields=["exception_reason", "exception_by"])
    record_event(
        chain=case.number,
        verb="repair.correction_excepted",
        at=at,
        actor=actor,
        role="supervisor",
        organ=case.organ,
        payload={"round": case.round, "material": kept.material_kind, "reason": kept.exception_reason},
    )
    return kept


def _already_said(by: User, reason: str) -> str:
    return gettext("%(who)s已经写明再次告知的理由：“%(reason)s”，没有改动。") % {"who": by, "reason": reason}


def ask_for_correction(
    *, case: RepairCase, actor: User, at: datetime, version: int | None = None
) -> RepairCase:
    """Send the drafted items, all at once. The unit's clock stops; nothing lapses for the applicant."""
    with take(case=case, action="request_correction", actor=actor, at=at, version=version) as transition:
        notice = transition.case.correction_notices.filter(round=transition.case.round, sent_at=None).first()
        items = list(notice.items.all()) if notice else []
        if not notice or not items:
            raise NotReady(gettext("还没有补正事项，请先逐项填写需要补正的材料、问题和要求。"))
        waiting = [number for number, item in enumerate(items, 1) if item.needs_reason]
        if waiting:
            raise NotReady(*_lacking_reasons(transition.case, items, waiting))
        document = transition.issue("correction_notice", correction_notice(transition, items=items))
        notice.sent_at, notice.document = at, document
        notice.save(update_fields=["sent_at", "document"])
        notice.items.update(sent_at=at)
        transition.payload["items"] = len(items)
        asked = dict.fromkeys(item.get_material_kind_display() for item in items)
        transition.message = MESSAGE % {"materials": "、".join(asked)}
        transition.ask = gettext("请补正材料，没有期限。")
    return transition.case


def _lacking_reasons(case: RepairCase, items: Sequence[CorrectionItem], numbers: Sequence[int]) -> list[str]:
    """Why a notice cannot go out yet, and who can change that."""
    heads = "、".join(staff_of(case.organ, "supervisor").order_by("pk").values_list("name", flat=True))
    named = (
        _("请本单位负责人（%(heads)s）") % {"heads": heads}
        if heads
        else gettext("本单位还没有负责人，请系统管理员设置后由负责人")
    )
    return [
        _(
            "第%(number)s项“%(material)s”不是本次补正新提交的内容。第八条要求一次性告知；"
            "确需再次告知的，先点“只保存，不发出”；%(named)s在申请页面写明理由，然后再发送。"
        )
        % {"number": number, "material": items[number - 1].get_material_kind_display(), "named": named}
        for number in numbers
    ]


def draft_and_ask(
    *,
    case: RepairCase,
    defects: Sequence[Defect],
    actor: User,
    at: datetime,
    version: int | None = None,
    seen: str | None = None,
) -> RepairCase:
    """Keep the items and send them at once, so that what is sent is nobody else's draft (``seen``: see draft_correction). What cannot be sent yet, as where
    the head has to give a reason, is kept: KeptForNow."""
    with letters.issuing(), transaction.atomic():
        draft_correction(case=case, defects=defects, actor=actor, at=at, version=version, seen=seen)
        try:
            return ask_for_correction(case=case, actor=actor, at=at, version=version)
        except NotReady as not_yet:
            kept = KeptForNow(*not_yet.problems)
    raise kept


def correction_notice(transition: Transition, *, items: Sequence[CorrectionItem]) -> dict[str, Any]:
    return letters.heading(transition.case, transition.at) | {
        **letters.received(transition.case),
        "officer": str(transition.actor),
        "items": [
            {
                "material": item.get_material_kind_display(),
                "defect": item.defect,
                "requirement": item.requirement,
                "why_again": item.exception_reason if item.asks_again else "",
            }
            for item in items
        ],
    }


class WaiverForm(forms.Form):
    reason = forms.CharField(
        label=_("再次告知的理由"),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("写明为什么第一次没有告知，最多500字。理由会写进补正材料告知书，并记入台账。"),
        error_messages={"required": _("请写明再次告知的理由。")},
    )


class DefectForm(forms.Form):
    material_kind = forms.ChoiceField(
        label=_("哪份材料"), choices=[("", "—"), *MaterialKind.choices], required=False
    )
    defect = forms.CharField(
        label=_("问题"), required=False, max_length=1000, widget=forms.Textarea(attrs={"rows": 2})
    )
    requirement = forms.CharField(
        label=_("怎样补正"), required=False, max_length=1000, widget=forms.Textarea(attrs={"rows": 2})
    )
    exception_reason = forms.CharField(
        label=_("再次告知的理由（负责人填写）"),
        required=False,
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 2}),
    )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        words = [data.get(name, "").strip() for name in ("material_kind", "defect", "requirement")]
        if any(words) and not all(words):
            raise forms.ValidationError(_("材料、问题和补正要求都要填写。不需要这一项的，请清空。"))
        return data


class DefectFormSet(BaseFormSet[DefectForm]):
    """The items of one correction notice. Empty rows do not count."""

    def defects(self) -> list[Defect]:
        return [
            Defect(
                **{name: form.cleaned_data[name].strip() for name in form.fields if name in form.cleaned_data}
            )
            for form in self.forms
            if form.cleaned_data.get("material_kind")
        ]


# Items of one notice.
MOST = 40
# What is written of an item.
WORDS = ("material_kind", "defect", "requirement", "exception_reason")


def _with_three_more(data: Any) -> Any:
    """What was posted, with three empty rows at its end; nothing of it is kept yet."""
    longer = data.copy()
    count = whole_number(str(data.get("items-TOTAL_FORMS", ""))) or 0
    longer["items-TOTAL_FORMS"] = str(min(count + 3, MOST))
    return longer


def defect_formset(
    case: RepairCase, user: User, kept: Sequence[CorrectionItem], data: Any = None
) -> DefectFormSet:
    """The notice in draft with three empty rows; the supervisor's reason is asked for from the second one on."""
    # What was posted counts as it is: compared with a draft saved meanwhile it would look unchanged and be dropped.
    initial = [{name: getattr(item, name) for name in WORDS} for item in ([] if data else kept)]
    factory = formset_factory(DefectForm, formset=DefectFormSet, extra=3, max_num=MOST, validate_max=True)
    if data is not None and "more" in data:
        data = _with_three_more(data)
    formset = cast(DefectFormSet, factory(data, initial=initial, prefix="items"))
    if case.round == 1 or not has_role(user, "supervisor"):
        for form in formset.forms:
            del form.fields["exception_reason"]
    return formset


class Page(StepPage):
    action, look = "request_correction", "secondary"
    beside_materials = True

    def __init__(self, case: RepairCase, actor: User, today: date, posted: Any = None) -> None:
        super().__init__(case, actor, today, posted)
        kept = [] if posted else kept_items(case)
        self.formset = defect_formset(case, actor, kept, posted)
        # What a colleague keeps by now, where it is not what this page was opened with.
        self.kept: list[CorrectionItem] = []
        self.seen = posted.get("seen", "") if posted else digest_of_items(kept)

    def is_valid(self) -> bool:
        # Whoever asks for more rows has not finished.
        return super().is_valid() and not (self.posted and "more" in self.posted)

    @property
    def drafts_only(self) -> bool:
        """Keep the items and do not send them."""
        return bool(self.posted) and "draft" in self.posted

    @property
    def after(self) -> str:
        if self.drafts_only:
            return reverse("admin:repairs_step", args=[self.case.pk, self.action])
        return super().after

    def perform(self, **common: Any) -> str | None:
        case, actor, at = common["case"], common["actor"], common["at"]
        said: dict[str, Any] = {"defects": self.formset.defects(), "seen": self.seen or None}
        try:
            if not self.drafts_only:
                draft_and_ask(**common, **said)
                return None
            draft_correction(**common, **said)
        except (ChangedMeanwhile, KeptForNow) as refused:
            # Whoever presses again has read what is kept by now: a colleague's items, or these.
            kept = kept_items(case)
            self.seen = digest_of_items(kept)
            if isinstance(refused, ChangedMeanwhile):
                self.kept = kept
            raise
        # A draft is somebody's: reminders go to whoever began it, unless another has the case.
        if officer_of(case) is None:
            assign_case(case=case, officer=actor, actor=actor, at=at)
            return gettext("补正事项已保存，还没有发给申请人。这件申请现在由您承办。")
        return gettext("补正事项已保存，还没有发给申请人。")
