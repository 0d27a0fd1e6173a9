"""One page a task for what came at the window or by post (Article 19). Each fills in what the applicant would, through the
same services; what differs is who acts."""

from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.timezone import localdate
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from applications.accounts.models import User
from applications.commitments.models import SigningWay
from applications.commitments.wording import text_digest
from applications.files.services import storing
from applications.masking import mask_phone
from applications.repairs import letters, services, steps
from applications.repairs.errors import ChangedMeanwhile, NotReady
from applications.repairs.forms import FulfilmentForm, TrainingAndReportForm
from applications.repairs.locking import lock_case, locked_filing
from applications.repairs.models import CorrectionItem, MaterialKind, RepairCase
from applications.repairs.reception_forms import (
    ConfirmForm,
    CorrectionSentForm,
    PapersForm,
    SignedForm,
    WindowContactForm,
)
from applications.repairs.selectors import correction_in_hand, sent_notices
from applications.repairs.services.drafts import EDITABLE
from applications.repairs.services.filings import code_of_text, text_to_sign
from applications.repairs.shown import digest_of
from rules.procedure import State, can_withdraw


class Task(ABC):
    """A form about one case. ``is_open``: whether it can be filled in as the case stands."""

    title: Any
    button: Any = _("保存")
    form: forms.Form
    # Whether what is filled in takes the place of what was saved before.
    replaces: ClassVar[bool] = False

    def __init__(
        self, case: RepairCase, actor: User, today: date, data: Any, files: Any, *, revealed: bool = False
    ) -> None:
        """``revealed``: the page shows in full what it masks otherwise."""
        self.case, self.actor, self.today, self.revealed = case, actor, today, revealed
        self.form = self.make_form(data, files)

    @staticmethod
    def is_open(case: RepairCase) -> bool:
        return case.status in EDITABLE

    @abstractmethod
    def make_form(self, data: Any, files: Any) -> forms.Form:
        """Of what was posted; of what the case says where nothing was."""

    @abstractmethod
    def perform(self, at: datetime) -> None:
        """Do what the valid form says. NotReady, StaleCase, IllegalAction, ValidationError by field."""

    def saved(self) -> list[tuple[str, str]]:
        """What is saved of it by now: label and words of each field."""
        return [
            (str(field.label), _in_words(field))
            for field in self.make_form(None, None)
            if not field.is_hidden
        ]

    @property
    def seen(self) -> str:
        """By which a page tells what it showed; empty where nothing is written over."""
        if not self.replaces:
            return ""
        return digest_of(self.saved())

    def perform_on(self, seen: str, at: datetime) -> None:
        """The same; ChangedMeanwhile, with what is saved by now, where that is not what the page showed."""
        if not (self.replaces and seen):
            return self.perform(at)
        with transaction.atomic():
            self.case = lock_case(self.case)
            self.case.filing = locked_filing(self.case)
            if self.seen != seen:
                kept = "；".join(f"{label}：{words}" for label, words in self.saved())
                raise ChangedMeanwhile(
                    gettext("您打开本页以后，这一项已另有保存：%(kept)s。您填写的没有保存，请核对后再保存。")
                    % {"kept": kept}
                )
            self.perform(at)


def _in_words(field: forms.BoundField) -> str:
    value = field.value()
    if isinstance(field.field, forms.ChoiceField):
        value = dict(field.field.choices).get(value, value)  # type: ignore[arg-type]
    return str(value) if value not in (None, "") else "—"


class Contact(Task):
    title = _("经办人和联系方式")
    replaces = True

    def make_form(self, data: Any, files: Any) -> forms.Form:
        filing = self.case.filing
        return WindowContactForm(
            data,
            initial={"name": filing.contact_name},
            stored=filing.contact_phone,
            revealed=self.revealed,
        )

    def saved(self) -> list[tuple[str, str]]:
        name, phone = self.form.fields["name"].label, self.form.fields["phone"].label
        filing = self.case.filing
        return [
            (str(name), filing.contact_name or "—"),
            (str(phone), mask_phone(filing.contact_phone) or "—"),
        ]

    @property
    def seen(self) -> str:
        # Two numbers can be masked alike.
        return digest_of([self.case.filing.contact_name, self.case.filing.contact_phone])

    def perform(self, at: datetime) -> None:
        services.save_contact(case=self.case, **self.form.cleaned_data, actor=self.actor, at=at)


class Fulfilment(Task):
    title = _("纠正失信行为、履行义务的日期")
    replaces = True
    form: FulfilmentForm

    def make_form(self, data: Any, files: Any) -> FulfilmentForm:
        return FulfilmentForm(data, case=self.case, today=self.today)

    def perform(self, at: datetime) -> None:
        services.save_fulfilment(
            case=self.case,
            corrected_on=self.form.cleaned_data["corrected_on"],
            fulfilled=self.form.fulfilled(),
            improvements=self.form.cleaned_data["improvements"],
            actor=self.actor,
            at=at,
        )


class Training(Task):
    title = _("培训证书和信用报告的信息")
    replaces = True

    def make_form(self, data: Any, files: Any) -> forms.Form:
        names = TrainingAndReportForm.field_order
        initial = {name: getattr(self.case.filing, name) for name in names}
        return TrainingAndReportForm(data, today=self.today, initial=initial)

    def perform(self, at: datetime) -> None:
        services.save_training_and_report(case=self.case, **self.form.cleaned_data, actor=self.actor, at=at)


class Papers(Task):
    title = _("扫描上传材料")
    button = _("上传")

    def make_form(self, data: Any, files: Any) -> forms.Form:
        return PapersForm(data, files)

    def perform(self, at: datetime) -> None:
        """Good files of a batch are kept when another is refused."""
        refused: list[str] = []
        for upload in self.form.cleaned_data["uploads"]:
            try:
                services.add_material(
                    case=self.case,
                    kind=self.form.cleaned_data["kind"],
                    upload=upload,
                    actor=self.actor,
                    at=at,
                )
            except ValidationError as bad:
                refused += bad.messages
            except NotReady as full:
                refused.append(str(full))
        if refused:
            raise ValidationError({"uploads": refused})


class Signed(Task):
    title = _("登记手写签署的信用修复承诺书")

    def make_form(self, data: Any, files: Any) -> forms.Form:
        return SignedForm(
            data,
            files,
            user=self.actor,
            expected_code=code_of_text(self.case),
        )

    def perform(self, at: datetime) -> None:
        given = self.form.cleaned_data
        with letters.issuing(), storing():
            services.add_material(
                case=self.case,
                kind=MaterialKind.SIGNED_COMMITMENT,
                upload=given["scan"],
                actor=self.actor,
                at=at,
            )
            services.sign_commitment(
                case=self.case,
                signatory=given["signatory"],
                publication_consent=given["publication_consent"],
                actor=self.actor,
                at=at,
                how=SigningWay.PAPER,
                signed_on=given["signed_on"],
                shown_sha256=text_digest(text_to_sign(self.case)),
            )


class Withdrawal(Task):
    title = _("当事人撤回申请")
    button = _("撤回申请")

    @staticmethod
    def is_open(case: RepairCase) -> bool:
        return can_withdraw(case.status)

    def make_form(self, data: Any, files: Any) -> forms.Form:
        return ConfirmForm(data)

    def perform(self, at: datetime) -> None:
        steps.withdraw_case(case=self.case, actor=self.actor, at=at)


class Correction(Task):
    """The answers to all items, their new papers, and the day on which they came: entered and sent at once."""

    title = _("登记补正")
    button = _("提交补正")

    @staticmethod
    def is_open(case: RepairCase) -> bool:
        return case.status == State.CORRECTING

    def make_form(self, data: Any, files: Any) -> forms.Form:
        notice = list(sent_notices(self.case))[-1]
        self.items = list(correction_in_hand(self.case))
        return CorrectionSentForm(
            data,
            files,
            user=self.actor,
            items=self.items,
            today=self.today,
            told_on=localdate(notice.sent_at),
        )

    def perform(self, at: datetime) -> None:
        """All of it or nothing: what is refused leaves neither an answer nor a file in the case; the files wait."""
        given = self.form.cleaned_data
        with storing():
            for item in self.items:
                answer = given[f"answer_{item.pk}"].strip()
                if answer != item.answer:
                    steps.answer_correction(item=item, answer=answer, actor=self.actor, at=at)
                for upload in given[f"uploads_{item.pk}"]:
                    with self._about(item):
                        services.add_material(
                            case=self.case, kind=item.material_kind, upload=upload, actor=self.actor, at=at
                        )
            steps.resubmit_case(case=self.case, actor=self.actor, at=at, received_on=given["received_on"])

    @staticmethod
    @contextmanager
    def _about(item: CorrectionItem) -> Iterator[None]:
        """What is wrong with a file is said at the item for which it came."""
        try:
            yield
        except ValidationError as bad:
            raise ValidationError({f"uploads_{item.pk}": bad.messages}) from None


TASKS: dict[str, type[Task]] = {
    "contact": Contact,
    "fulfilment": Fulfilment,
    "training": Training,
    "papers": Papers,
    "signed": Signed,
    "correction": Correction,
    "withdrawal": Withdrawal,
}
