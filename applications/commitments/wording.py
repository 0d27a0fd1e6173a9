"""The text of a commitment (Article 15): rectification, keeping faith, liability, publication."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from applications.masking import mask_numbers
from applications.subjects.models import Subject

if TYPE_CHECKING:
    from applications.records.models import DishonestyRecord


@dataclass(frozen=True)
class Act:
    """What is stated about one record. ``corrected_on`` is None while nobody has said it; ``duties`` are their names."""

    record: "DishonestyRecord"
    corrected_on: date | None
    duties: Sequence[str]

    @property
    def identification(self) -> str:
        """Who decided, when and by which paper, and then who identified, where that is another body: "…决定，认定"."""
        record, unit = self.record, self.record.identifying_unit.name
        decided = f"{record.penalised_by}于{record.decided_on:%Y年%-m月%-d日}作出{record}决定"
        return f"{decided}，{'' if unit == record.penalised_by else unit}认定"

    @property
    def corrected(self) -> str:
        return f"{self.corrected_on:%Y年%-m月%-d日}" if self.corrected_on else "（日期待填写）"

    @property
    def fulfilled(self) -> str:
        return "、".join(self.duties) or "没有需要另行履行的义务"


PROMISES = (
    "二、{we}提交的全部材料真实、合法、准确、有效。",
    "三、{we}将积极整改，在今后的{life}中严格遵守法律、法规、规章，诚实守信，履约践诺。",
    "四、{we}自愿接受政府、行业组织、社会公众和新闻舆论的监督。",
    "五、如违背以上承诺或者提供虚假材料，{we}自愿承担相应责任，并接受不予信用修复、撤销信用修复等处理。",
)
# What a subject promises by its own will (Article 15): it names nobody, so that all of it can be public.
OWN_TITLE = "信用承诺书"
OWN_PROMISES = (
    "承诺人自愿向社会作出以下信用承诺：",
    "一、{we}如有失信行为，将积极整改，主动纠正，履行法定责任和义务。",
    "二、{we}在今后的{life}中严格遵守法律、法规、规章，履约践诺，诚实守信。",
    "三、{we}自愿接受政府、行业组织、社会公众和新闻舆论的监督。",
    "四、如违背以上承诺，{we}自愿承担相关责任，并同意将认定违背承诺的结果随本承诺一并公示。",
)
OF_A_BODY = {"we": "我方", "life": "生产经营生活"}
# Since the second version a natural person does not speak as a body does.
OF_A_PERSON = {"we": "本人", "life": "工作和生活"}
TEXT_VERSION = 2


def commitment_text(subject: Subject, acts: Sequence[Act], version: int = TEXT_VERSION) -> list[str]:
    """The paragraphs that are signed about these records of the subject, of which there is at least one.

    What was signed is compared with the text of its own ``version``: a new version makes no commitment stale.
    """
    words = OF_A_PERSON if subject.is_person and version >= 2 else OF_A_BODY
    we = words["we"]
    about = _about_one(subject, *acts, we=we) if len(acts) == 1 else _about_several(subject, acts, we=we)
    return [*about, *(promise.format(**words) for promise in PROMISES)]


def own_text(subject: Subject) -> list[str]:
    """The paragraphs of a promise that the subject makes by its own will."""
    words = OF_A_PERSON if subject.is_person else OF_A_BODY
    return [promise.format(**words) for promise in OWN_PROMISES]


def _about_one(subject: Subject, act: Act, *, we: str) -> list[str]:
    return [
        f"{act.identification}{subject.name}存在“{mask_numbers(act.record.violation_type)}”的失信行为。"
        f"{we}就该失信行为信息申请信用修复，并作出以下承诺：",
        f"一、{we}已于{act.corrected}纠正上述失信行为，并已履行完毕行政处理决定和司法裁判等明确的法定责任和义务（{act.fulfilled}）。",
    ]


def _about_several(subject: Subject, acts: Sequence[Act], *, we: str) -> list[str]:
    numbered = [*enumerate(acts, start=1)]
    return [
        f"{subject.name}就下列{len(acts)}条失信行为信息申请信用修复：",
        *(
            f"（{number}）{act.identification}存在“{mask_numbers(act.record.violation_type)}”的失信行为；"
            for number, act in numbered
        ),
        f"{we}就上述失信行为信息作出以下承诺：",
        f"一、{we}已经纠正上述失信行为，并已履行完毕行政处理决定和司法裁判等明确的法定责任和义务："
        + "；".join(f"第（{number}）条于{act.corrected}纠正（{act.fulfilled}）" for number, act in numbered)
        + "。",
    ]


def text_digest(paragraphs: Sequence[str]) -> str:
    """SHA-256 of the text that is signed."""
    return hashlib.sha256(json.dumps(list(paragraphs), ensure_ascii=False).encode()).hexdigest()
