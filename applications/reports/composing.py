"""The words of a report: what the portal holds about a subject on a day, in the chapters of the national layout.

Each chapter says what the portal has; of those it collects nothing for it says so, instead of "none".
"""

from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import QuerySet
from django.utils.timezone import localdate

from applications.commitments.models import CommitmentKind
from applications.commitments.selectors import published_of
from applications.masking import mask_numbers
from applications.records.models import DishonestyRecord
from applications.records.selectors import published
from applications.reports.models import CreditReport
from applications.subjects.models import Subject
from rules.day_words import day_in_words

TITLES = {
    Subject.Kind.ORGANISATION: "法人和非法人组织公共信用信息报告",
    Subject.Kind.INDIVIDUAL_BUSINESS: "个体工商户公共信用信息报告",
    Subject.Kind.NATURAL_PERSON: "个人公共信用信息报告",
}
# Of the national layout.
LAYOUT = "V2.0"
NOT_COLLECTED = "本系统未归集该类信息。"
REPAIRED = "repaired"
STATES = {
    REPAIRED: "已修复",
    DishonestyRecord.Publicity.PUBLISHED: "公示中",
    DishonestyRecord.Publicity.WITHDRAWN: "已撤销公示",
    DishonestyRecord.Publicity.EXPIRED: "公示期满",
    DishonestyRecord.Publicity.WITHHELD: "依法不公示",
}
# Of a record, what its rows are made of (``_penalty``), but how it stands.
TOLD = frozenset(
    {
        "document_number", "penalties", "decided_on", "severity", "penalty_content", "fine_amount", "confiscated_amount",
        "permit_affected", "violation_type", "facts", "legal_basis", "penalising_organ", "penalising_organ_uscc",
        "source_organ", "source_organ_uscc", "identified_on", "publicity_until",
    }
)  # fmt: skip
Row = list[str]


def _rows(*pairs: tuple[str, object]) -> list[Row]:
    """Label and value, without the empty ones."""
    return [[label, str(value)] for label, value in pairs if value not in (None, "")]


def _records(subject: Subject, variant: str, on: date, since: date | None) -> QuerySet[DishonestyRecord]:
    """Repaired, withdrawn and expired records are in the repair variant only (Article 9)."""
    if variant == CreditReport.Variant.PUBLIC:
        records = published().filter(publicity_until__gte=on)
    else:
        # A penalty that was revoked is no longer one (Administrative Penalty Law 48); one that came in twice is one.
        records = DishonestyRecord.objects.filter(double_of=None).exclude(
            source_state=DishonestyRecord.SourceState.REVOKED
        )
    if since:
        records = records.filter(decided_on__gte=since)
    return (
        records.filter(subject=subject)
        .select_related("identifying_unit", "annotation__deciding_organ")
        .order_by("-decided_on", "-pk")
    )


def _state(record: DishonestyRecord, on: date) -> str:
    if hasattr(record, "annotation"):
        return REPAIRED
    if record.publicity == DishonestyRecord.Publicity.PUBLISHED and record.publicity_until < on:
        return DishonestyRecord.Publicity.EXPIRED
    return record.publicity


def record_states(*, subject: Subject, variant: str, on: date, since: date | None = None) -> dict[str, str]:
    """Reference → state of every record that a report of this variant would list on this day. ``since``: of those decided
    from that day on."""
    return {record.reference: _state(record, on) for record in _records(subject, variant, on, since)}


def _amount(amount: Decimal | None) -> str:
    """A stated zero is an amount."""
    return "" if amount is None else f"{amount.normalize():f}"


def _penalty(record: DishonestyRecord, on: date) -> dict[str, Any]:
    state = _state(record, on)
    annotation = record.annotation if state == REPAIRED else None
    return {
        "reference": record.reference,
        "state": state,
        "state_label": STATES[state],
        "document_number": str(record),
        "serious": record.severity == DishonestyRecord.Severity.SERIOUS,
        "annotation": annotation
        and {
            "case_number": annotation.case_number,
            "decision_number": annotation.decision_number,
            "organ": annotation.deciding_organ.name,
            "decided_on": annotation.decided_on.isoformat(),
        },
        "rows": _rows(
            ("处罚类别", "、".join(record.penalty_labels)),
            ("处罚决定日期", day_in_words(record.decided_on)),
            ("失信严重程度", DishonestyRecord.Severity(record.severity).label),
            ("处罚内容", mask_numbers(record.penalty_content)),
            ("罚款金额（万元）", _amount(record.fine_amount)),
            ("没收违法所得、没收非法财物的金额（万元）", _amount(record.confiscated_amount)),
            ("暂扣或吊销证照名称及编号", mask_numbers(record.permit_affected)),
            ("违法行为类型", mask_numbers(record.violation_type)),
            ("违法事实", mask_numbers(record.facts)),
            ("处罚依据", mask_numbers(record.legal_basis)),
            ("处罚机关", mask_numbers(f"{record.penalising_organ}（{record.penalising_organ_uscc}）")),
            ("数据来源", mask_numbers(f"{record.source_organ}（{record.source_organ_uscc}）")),
            ("认定单位、认定日期", f"{record.identifying_unit.name}，{day_in_words(record.identified_on)}"),
            (
                ("公示截止期", "" if record.is_withheld else day_in_words(record.publicity_until))
                if state == DishonestyRecord.Publicity.PUBLISHED or not record.publicity_ended_at
                else ("停止公示日期", day_in_words(localdate(record.publicity_ended_at)))
            ),
        ),
    }


def _commitments(subject: Subject, variant: str) -> list[list[Row]]:
    """Those that are published, as their signatories were told; in the public variant without the text of those for a repair,
    which names the record."""
    public = variant == CreditReport.Variant.PUBLIC
    return [
        _rows(
            ("承诺类型", CommitmentKind(commitment.kind).label),
            ("承诺编码", commitment.document.number),
            ("承诺作出日期", day_in_words(localdate(commitment.signed_at))),
            ("承诺受理单位", f"{commitment.document.organ.name}（{commitment.document.organ.uscc}）"),
            ("承诺履行状态", "违背承诺" if commitment.broken_at else ""),
            (
                "承诺内容",
                "" if public and commitment.kind == CommitmentKind.REPAIR else "\n".join(commitment.text),
            ),
        )
        for commitment in published_of([subject.pk]).order_by("-signed_at")
    ]


def _registration(subject: Subject) -> list[Row]:
    """A person's number is masked and the home address left out: the report leaves the portal."""
    if subject.is_person:
        return _rows(
            ("姓名", subject.name),
            ("证件类型", subject.get_identity_type_display()),
            ("证件号码", subject.masked_code),
        )
    return _rows(
        ("名称", subject.name),
        ("统一社会信用代码", subject.uscc),
        ("主体类别", Subject.Kind(subject.kind).label),
        ("法定代表人（负责人）", subject.legal_representative),
        ("住所", subject.address),
    )


def _summary(
    subject: Subject, penalties: list[dict[str, Any]], commitments: int, repairs: str
) -> list[list[str]]:
    """The classes of the national layout; a person is on no list of irregular operations. The severity of a record is not the
    list of those who were found seriously dishonest, which is another class."""
    serious = sum(each["serious"] for each in penalties)
    summary = [
        ["行政管理", f"{len(penalties)}条" + (f"，其中严重失信{serious}条" if serious else "")],
        ["诚实守信", "未归集"],
        ["严重失信主体名单", "未归集"],
        ["经营异常", "未归集"],
        ["信用承诺", f"公示{commitments}条"],
        ["信用评价", "未归集"],
        ["司法判决", "未归集"],
        ["其他", repairs],
    ]
    return [each for each in summary if not (subject.is_person and each[0] == "经营异常")]


def _advice(penalties: list[dict[str, Any]]) -> list[str]:
    open_ones = [each for each in penalties if each["state"] == DishonestyRecord.Publicity.PUBLISHED]
    advice = ["对报告所载信息有异议的，可以向出具单位或者认定单位提出信息异议。"]
    if open_ones:
        advice.insert(
            0,
            f"有{len(open_ones)}条失信行为信息正在公示。主动纠正、履行完毕法定责任和义务并符合《关于完善信用修复机制保障信用主体权益的通知》（苏信用发〔2020〕4号）第四条、第五条规定条件的，"
            "可以在本系统免费申请信用修复。",
        )
    return advice


def compose(*, subject: Subject, variant: str, on: date, since: date | None = None) -> dict[str, Any]:
    """The content of a report of this variant on this day: JSON values only. ``since``: of the records those decided from
    that day on.

    ``penalties`` [{reference, state, state_label, document_number, serious, annotation|None, rows[[label, value]]}],
    ``commitments`` [rows], ``repairs`` [annotation with document_number], ``summary`` [[class, count or words]].
    """
    variant = CreditReport.Variant(variant)
    penalties = [_penalty(record, on) for record in _records(subject, variant, on, since)]
    commitments = _commitments(subject, variant)
    repairs = [
        {**each["annotation"], "document_number": each["document_number"]}
        for each in penalties
        if each["annotation"]
    ]
    with_repairs = variant == CreditReport.Variant.REPAIR
    return {
        "title": TITLES[Subject.Kind(subject.kind)],
        "variant": str(variant),
        "variant_label": {"public": "公开版", "repair": "信用修复版（含标注）"}[variant],
        "subject": {"name": subject.name, "code": subject.masked_code, "kind": subject.kind},
        "layout": LAYOUT,
        "as_of": on.isoformat(),
        "since": since.isoformat() if since else None,
        "summary": _summary(
            subject, penalties, len(commitments), f"{len(repairs)}条" if with_repairs else "不列示"
        ),
        "registration": _registration(subject),
        "penalties": penalties,
        "commitments": commitments,
        "repairs": repairs,
        "lists_repairs": with_repairs,
        "not_collected": NOT_COLLECTED,
        "advice": _advice(penalties),
    }
