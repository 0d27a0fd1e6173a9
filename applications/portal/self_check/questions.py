"""The questions of the self-check, at most six, one page each, and the facts that their answers are.

A question left open by the visitor ("不清楚") leaves its facts unknown: the rules then say what is missing.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Container, Iterable, Mapping
from datetime import date
from typing import TYPE_CHECKING, Any

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Hidden, Submit
from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from applications.documents.templatetags.dates import zh_day
from applications.organs import regions
from applications.repairs.forms import DayField
from applications.subjects.models import Subject
from rules.facts import CONDUCTS, DOMAINS, FIRST_YEAR, PENALTIES, REPORT_ISSUERS, UNKNOWN
from rules.policy import Policy

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

    Text = str | _StrPromise
NOT_SURE = "unknown"
YES, NO, NONE = "yes", "no", "none"
NOT_SURE_CHOICE = (NOT_SURE, _("不清楚"))


class PastDayField(DayField):
    """A day up to today, late enough for the rules to count from it."""

    def clean(self, value: Any) -> date | None:
        day = super().clean(value)
        if day and day.year < FIRST_YEAR:
            raise forms.ValidationError(
                _("请核对年份，日期不能早于%(year)d年。"), params={"year": FIRST_YEAR}
            )
        return day


class Question(forms.Form):
    """One page. ``known`` are the facts of the other questions, as far as they are answered."""

    slug: str
    heading: Text

    def __init__(
        self,
        *args: Any,
        today: date,
        policy: Policy,
        known: Mapping[str, Any],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.today = today
        self.policy = policy
        self.known = known
        self.build()

    def build(self) -> None:
        """Add the fields that depend on the policy, the day or what is known."""

    @abstractmethod
    def facts(self) -> dict[str, Any]:
        """The answers as part of a Facts object; only after is_valid()."""

    def prepare(self, token: str, action: str) -> None:
        """Carry the other answers along in the form that the page shows."""
        self.helper = FormHelper()
        self.helper.form_method = "get"
        self.helper.form_action = action
        self.helper.attrs = {"novalidate": "novalidate"}
        self.helper.add_input(Hidden("s", token))
        self.helper.add_input(Hidden("answered", "1"))
        self.helper.add_input(Submit("", _("继续")))

    def add_radio(
        self, name: str, label: Text, choices: Iterable[tuple[str, Text]], help_text: Text = ""
    ) -> None:
        self.fields[name] = forms.ChoiceField(
            label=label,
            choices=list(choices),
            widget=forms.RadioSelect,
            help_text=help_text,
            error_messages={"required": _("请选择一项。")},
        )

    def add_day(self, name: str, label: Text, help_text: Text = "", *, required: bool = False) -> None:
        self.fields[name] = PastDayField(
            latest=self.today,
            label=label,
            help_text=help_text,
            required=required,
            error_messages={"required": _("请填写日期，例如 2026-06-01。")},
        )

    def day_if(self, choice: str, answers: Container[str | None], day: str) -> None:
        """A day is needed with some answers; with the others it is dropped."""
        if self.cleaned_data.get(choice) not in answers:
            self.cleaned_data[day] = None
        elif self.cleaned_data.get(day) is None and day not in self.errors:
            self.add_error(day, _("请填写日期，例如 2026-06-01。"))

    def in_words(self) -> list[tuple[Text, str]]:
        """The answers as people read them, one line a field; only after is_valid()."""
        lines: list[tuple[Text, str]] = []
        for name, field in self.fields.items():
            value = self.cleaned_data.get(name)
            if value in (None, "", []):
                continue
            if isinstance(value, date):
                text = zh_day(value)
            else:
                labels = _flat(field.choices)  # type: ignore[attr-defined]
                text = gettext("、").join(
                    str(labels[each]) for each in ([value] if isinstance(value, str) else value)
                )
            lines.append((field.label or "", text))
        return lines


def _flat(choices: Iterable[Any]) -> dict[str, Text]:
    """The labels of choices that may stand in groups."""
    found: dict[str, Text] = {}
    for value, label in choices:
        found |= _flat(label) if isinstance(label, list | tuple) else {value: label}
    return found


class SubjectQuestion(Question):
    """Who: decides which papers are needed, not whether one may apply."""

    slug = "subject"
    heading = _("要修复的是谁的失信记录")

    def build(self) -> None:
        self.add_radio("kind", _("主体类型"), Subject.Kind.choices)

    def facts(self) -> dict[str, Any]:
        return {}


class IdentificationQuestion(Question):
    slug = "identification"
    heading = _("失信行为在哪里、什么时候被认定")

    def build(self) -> None:
        self.fields["region"] = forms.ChoiceField(
            label=_("认定单位在哪里"),
            help_text=_("认定单位是作出处罚决定或者认定失信的机关。"),
            choices=[
                ("", _("请选择")),
                (_("江苏省"), [(code, regions.name(code)) for code in (regions.PROVINCE, *regions.cities())]),
                (
                    _("其他省（自治区、直辖市）"),
                    [(f"{two}0000", name) for two, name in regions.OTHER_PROVINCES.items()],
                ),
                NOT_SURE_CHOICE,
            ],
            error_messages={"required": _("请选择认定单位所在的地方。")},
        )
        self.add_day(
            "identified_on",
            _("认定日期"),
            _("写在认定文书或者处罚决定书上，例如 2026-06-01。"),
            required=True,
        )
        self.add_day("decided_on", _("处罚决定日期"), _("与认定日期是同一天的，不用填。"))

    def facts(self) -> dict[str, Any]:
        region, decided = self.cleaned_data["region"], self.cleaned_data["decided_on"]
        facts = {
            "identified_on": self.cleaned_data["identified_on"].isoformat(),
            "decided_on": decided and decided.isoformat(),
        }
        return facts if region == NOT_SURE else facts | {"region": region}


class SeverityQuestion(Question):
    slug = "severity"
    heading = _("失信行为的严重程度")

    def build(self) -> None:
        labels = [(code, _(rule.label)) for code, rule in self.policy.severities.items()]
        self.add_radio("severity", _("认定单位标注的严重程度"), [*labels, NOT_SURE_CHOICE])

    def facts(self) -> dict[str, Any]:
        severity = self.cleaned_data["severity"]
        return {} if severity == NOT_SURE else {"severity": severity}


class FulfilmentQuestion(Question):
    slug = "fulfilment"
    heading = _("纠正失信行为、履行义务")
    # What the visitor's duties are called in the reasons; the questions do not ask for each of them.
    DUTIES = _("决定书、判决书明确的义务")

    def build(self) -> None:
        self.add_radio(
            "corrected",
            _("失信行为纠正了吗"),
            [(YES, _("已经纠正")), (NO, _("还没有纠正")), NOT_SURE_CHOICE],
        )
        self.add_day(
            "corrected_on", _("纠正完毕的日期"), _("已经纠正的填写，例如完成整改、停止违法行为的日期。")
        )
        self.add_radio(
            "duties",
            _("决定书、判决书要求的事都做完了吗"),
            [
                (YES, _("已经全部履行完毕")),
                (NONE, _("没有要求做什么")),
                (NO, _("还没有全部履行")),
                NOT_SURE_CHOICE,
            ],
            _("例如缴纳罚款、退还款项、赔偿损失。"),
        )
        self.add_day(
            "duties_on", _("最后一项履行完毕的日期"), _("已经全部履行完毕的填写，例如缴清罚款的日期。")
        )

    def clean(self) -> None:
        self.day_if("corrected", [YES], "corrected_on")
        self.day_if("duties", [YES], "duties_on")

    def facts(self) -> dict[str, Any]:
        answers = self.cleaned_data
        facts: dict[str, Any] = {}
        if answers["corrected"] != NOT_SURE:
            facts["corrected_on"] = answers["corrected_on"] and answers["corrected_on"].isoformat()
        if answers["duties"] == NONE:
            facts["obligations"] = []
        elif answers["duties"] != NOT_SURE:
            day = answers["duties_on"] and answers["duties_on"].isoformat()
            facts["obligations"] = [{"name": str(self.DUTIES), "fulfilled_on": day}]
        return facts


class GroundsQuestion(Question):
    """Article 6, in the order in which it is written: penalty, domain, conduct, then the two other grounds."""

    slug = "grounds"
    heading = _("是否属于不予信用修复的情形")
    FALSE_MATERIAL, STATUTORY_BAR = "false_material", "statutory_bar"
    GROUPS = ("penalties", "domains", "conducts", "others")

    def build(self) -> None:
        listed = self.policy.specific_serious
        assert listed is not None
        # What most answer stands before the 28 boxes, not behind them.
        none_of_it = [(NONE, _("以下都不是")), NOT_SURE_CHOICE]
        help_text = _("有符合的，这一项不选，在下面勾选。")
        self.add_radio("neither", _("没有下面的情形"), none_of_it, help_text)
        self.fields["neither"].required = False
        self._add_group("penalties", _("受到下列处罚"), PENALTIES, listed.penalties)
        self._add_group("domains", _("处罚属于下列领域"), DOMAINS, listed.domains)
        self._add_group("conducts", _("因为下列行为受到处罚"), CONDUCTS, listed.conducts)
        others = {
            self.FALSE_MATERIAL: _("这次申请提交了虚假材料，或者有其他不实申请"),
            self.STATUTORY_BAR: _("法律、法规、规章明确规定不予修复"),
        }
        self._add_group("others", _("其他情形"), others, others)

    def _add_group(self, name: str, label: Text, labels: Mapping[str, Text], codes: Iterable[str]) -> None:
        wanted = set(codes)
        self.fields[name] = forms.MultipleChoiceField(
            label=label,
            choices=[
                (code, _(text) if isinstance(text, str) else text)
                for code, text in labels.items()
                if code in wanted
            ],
            widget=forms.CheckboxSelectMultiple,
            required=False,
        )

    def clean(self) -> None:
        chosen = any(self.cleaned_data.get(name) for name in self.GROUPS)
        neither = self.cleaned_data.get("neither")
        if self.errors:
            return
        if not chosen and not neither:
            self.add_error("neither", _("请选择符合的各项；都不符合的，选择“以下都不是”。"))
        elif chosen and neither:
            self.add_error("neither", _("下面已经选了情形，不能再选这一项。请取消其中一种选择。"))

    def facts(self) -> dict[str, Any]:
        answers = self.cleaned_data
        if answers["neither"] == NOT_SURE:
            return {}
        return {
            "penalties": answers["penalties"],
            "domains": answers["domains"],
            "conducts": answers["conducts"],
            "other_specific_serious_ground": None,
            "false_material": self.FALSE_MATERIAL in answers["others"],
            "statutory_bar": {} if self.STATUTORY_BAR in answers["others"] else None,
        }


class CommitmentQuestion(Question):
    """The commitment, and the papers that only serious conduct needs. A commitment counts as signed today."""

    slug = "commitment"
    heading = _("信用承诺和其他条件")
    NOT_PUBLIC = "not_public"

    def build(self) -> None:
        self.add_radio(
            "commitment",
            _("愿意签署信用修复承诺书吗"),
            [
                (YES, _("愿意，也同意向社会公开")),
                (self.NOT_PUBLIC, _("愿意，但不同意公开")),
                (NO, _("不愿意")),
            ],
            _("承诺书在申请时生成、签署，准予修复后在网上公开。个人的姓名和证件号码部分隐去。"),
        )
        asked = self._conditions()
        if "training_completed" in asked:
            self.add_radio(
                "training",
                _("参加过信用修复培训吗"),
                [(YES, _("参加过，有培训证书")), (NO, _("还没有参加"))],
            )
            self.add_day("training_on", _("培训完成日期"), _("参加过的填写，写在培训证书上。"))
        if "credit_report_provided" in asked:
            self.add_radio(
                "report",
                _("有信用报告吗"),
                [
                    *(
                        (code, _("有，由%(issuer)s出具") % {"issuer": gettext(label)})
                        for code, label in REPORT_ISSUERS.items()
                    ),
                    (NO, _("还没有")),
                ],
            )
            self.add_day("report_on", _("信用报告出具日期"), _("有信用报告的填写。"))

    def _conditions(self) -> set[str]:
        """What may be asked for, given the severity, or of any severity where it is not known."""
        severity = self.known.get("severity", UNKNOWN)
        domains = tuple(self.known["domains"]) if "domains" in self.known else UNKNOWN
        return {each.code for each in self.policy.applicable(severity, domains).requirements}

    def clean(self) -> None:
        if "training" in self.fields:
            self.day_if("training", [YES], "training_on")
        if "report" in self.fields:
            self.day_if("report", REPORT_ISSUERS, "report_on")

    def facts(self) -> dict[str, Any]:
        answers = self.cleaned_data
        facts: dict[str, Any] = {"commitment": None}
        if answers["commitment"] != NO:
            facts["commitment"] = {
                "signed_on": self.today.isoformat(),
                "publication_consent": answers["commitment"] == YES,
            }
        if "training" in self.fields:
            day = answers["training_on"]
            facts["training"] = {"completed_on": day.isoformat()} if day else None
        if "report" in self.fields:
            day = answers["report_on"]
            facts["credit_report"] = (
                {"issued_on": day.isoformat(), "issuer": answers["report"]} if day else None
            )
        return facts


QUESTIONS: tuple[type[Question], ...] = (
    SubjectQuestion,
    IdentificationQuestion,
    SeverityQuestion,
    FulfilmentQuestion,
    GroundsQuestion,
    CommitmentQuestion,
)
