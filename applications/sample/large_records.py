"""The penalty decisions of the large province."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cache, cached_property
from typing import Any

from django.utils import timezone

from applications.organs.models import Organ
from applications.records.models import DishonestyRecord
from applications.sample.penalties import TEMPLATES, Template, confiscation
from rules.eligibility import publicity_ends_on
from rules.facts import CONDUCTS, DOMAINS, PENALTIES, Facts
from rules.policy import Policy
from rules.sameness import plain_number

Severity, Publicity = DishonestyRecord.Severity, DishonestyRecord.Publicity
SEVERITIES = {"一般": Severity.GENERAL.value, "严重": Severity.SERIOUS.value}
COLUMNS = (
    "id", "subject_id", "identifying_unit_id", "region", "severity", "domains", "conducts", "document_number",
    "plain_number", "violation_type", "facts", "legal_basis", "penalties", "penalty_content", "fine_amount",
    "confiscated_amount", "permit_affected", "decided_on", "identified_on", "publicity_until", "penalising_organ",
    "penalising_organ_uscc", "source_organ", "source_organ_uscc", "other_columns", "remarks", "publicity",
    "publicity_ended_at",
)  # fmt: skip

# In the words of a file; a permit and a licence are named there without brackets.
PENALTY_CODES = {label: code for code, label in PENALTIES.items()} | {
    "吊销许可证件": "revoke_permit",
    "吊销营业执照": "revoke_licence",
}
DOMAIN_CODES = {label: code for code, label in DOMAINS.items()}
CONDUCT_CODES = {label: code for code, label in CONDUCTS.items()}
NO_DUTY, GRAVE = {"warning", "criticism"}, {"order_suspension", "revoke_permit", "revoke_licence"}


@dataclass(frozen=True)
class Offence:
    """What a kind of penalty decision says, in the codes of the rules."""

    template: Template
    severity: str
    penalties: list[str]
    domains: list[str]
    conducts: list[str]

    @cached_property
    def duties(self) -> list[str]:
        """The names of what it imposes, as the import names them."""
        return [PENALTIES[code] for code in self.penalties if code not in NO_DUTY]

    @property
    def is_grave(self) -> bool:
        """Whether Article 6 may stand in the way of a repair."""
        return not GRAVE.isdisjoint(self.penalties)


@cache
def offences(trade: str) -> tuple[Offence, ...]:
    return tuple(
        Offence(
            template=each,
            severity=SEVERITIES[each.severity],
            penalties=[PENALTY_CODES[label] for label in each.penalties.split("；")],
            domains=[DOMAIN_CODES[label] for label in each.domains.split("；") if label != "无"],
            conducts=[CONDUCT_CODES[label] for label in each.conducts.split("；") if label != "无"],
        )
        for each in TEMPLATES[trade]
    )


def publicity_end(offence: Offence, decided_on: date, policy: Policy) -> date:
    """The last day of publicity of an offence."""
    end = publicity_ends_on(
        Facts(
            severity=offence.severity,
            identified_on=decided_on,
            decided_on=decided_on,
            penalties=tuple(offence.penalties),
            domains=tuple(offence.domains),
            conducts=tuple(offence.conducts),
            other_specific_serious_ground=None,
        ),
        policy,
    )
    assert end is not None
    return end


class Unit:
    """An identifying unit: its row, what it punishes, and the numbers that its decisions have got."""

    def __init__(self, organ: Organ, trade: str) -> None:
        self.organ, self.trade = organ, trade
        self.offences = offences(trade)
        self.repairable = [place for place, each in enumerate(self.offences) if not each.is_grave]
        self.serials: dict[int, int] = defaultdict(int)

    def take_number(self, year: int) -> str:
        self.serials[year] += 1
        return f"{self.organ.document_prefix}罚〔{year}〕{self.serials[year]}号"


@dataclass(frozen=True, slots=True)
class Decision:
    """A penalty decision; ``ended_at`` is when its publicity ended, None while it has not."""

    id: int
    subject: int
    unit: Unit
    offence: Offence
    number: str
    decided_on: date
    publicity: str
    publicity_until: date
    ended_at: datetime | None

    @property
    def reference(self) -> str:
        return f"R-{self.id:010d}"

    def row(self) -> tuple[Any, ...]:
        """The row of COLUMNS."""
        organ, offence, template = self.unit.organ, self.offence, self.offence.template
        fine = _amount(template.fine, self.id)
        confiscated = _amount(template.confiscated, self.id)
        content = "；".join(
            [
                *([f"罚款{fine}万元"] if fine else []),
                *confiscation(template, confiscated),
                *(PENALTIES[code] for code in offence.penalties if code in GRAVE or code in NO_DUTY),
            ]
        )
        return (
            *(
                self.id,
                self.subject,
                organ.pk,
                organ.region,
                offence.severity,
                offence.domains,
                offence.conducts,
            ),
            *(self.number, plain_number.__wrapped__(self.number)),
            *(
                template.violation,
                template.facts,
                template.basis,
                offence.penalties,
                content or PENALTIES["other"],
            ),
            *(fine, confiscated, template.permit, self.decided_on, self.decided_on, self.publicity_until),
            *(organ.name, organ.uscc, organ.name, organ.uscc, {}, "示例数据", self.publicity, self.ended_at),
        )


def _amount(between: tuple[float, float] | None, number: int) -> str | None:
    """In 万元; another one for each record."""
    if between is None:
        return None
    low, high = between
    return f"{low + (high - low) * (number * 37 % 101) / 100:.2f}"


def decide(
    *,
    id: int,
    subject: int,
    unit: Unit,
    place: int,
    decided_on: date,
    today: date,
    until: date,
    granted_at: datetime | None = None,
) -> Decision:
    """A decision of a unit on a day; ``until`` is the last day of its publicity, ``granted_at`` when it was repaired."""
    publicity, ended_at = Publicity.PUBLISHED.value, None
    if granted_at is not None and granted_at.date() <= until:
        publicity, ended_at = Publicity.WITHDRAWN.value, granted_at
    elif until < today:
        publicity, ended_at = Publicity.EXPIRED.value, midnight(until + timedelta(days=1))
    return Decision(
        id=id,
        subject=subject,
        unit=unit,
        offence=unit.offences[place],
        number=unit.take_number(decided_on.year),
        decided_on=decided_on,
        publicity=publicity,
        publicity_until=until,
        ended_at=ended_at,
    )


@cache
def midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time()))
