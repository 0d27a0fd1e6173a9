"""The fields of a record that can change in its life: how each is kept in its history, shown, and read from a form."""

from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db.models import Field
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from applications.documents.templatetags.dates import zh_day, zh_moment
from applications.language import as_kept
from applications.masking import mask_numbers
from applications.records.importing import cells
from applications.records.importing.cells import Duty
from applications.records.importing.days import wrong_days
from applications.records.importing.refusal import Fault
from applications.records.importing.texts import check_text
from applications.records.models import DishonestyRecord, Obligation
from rules.facts import CONDUCTS, DOMAINS, PENALTIES
from rules.sameness import visible

OBLIGATIONS = "obligations"
# Their column in a record file.
FULFILMENT = "fulfilment"
# As the columns of a record file have it.
UNFULFILLED, UNLIMITED = "未履行", "长期"
# What the rules of Articles 4 to 6 look at: a change of these is a new question to them.
RULED_BY = frozenset(
    {"severity", "identified_on", "decided_on", "region", "penalties", "domains", "conducts", OBLIGATIONS}
)
# From these follows how long a record is public.
PUBLIC_BY = frozenset({"severity", "identified_on", "decided_on", "penalties", "domains", "conducts"})

_LABELS = {OBLIGATIONS: gettext_lazy("履行状态"), "other_columns": gettext_lazy("其他代码")}
_CODES: Mapping[str, Mapping[str, str]] = {"penalties": PENALTIES, "domains": DOMAINS, "conducts": CONDUCTS}


def _field(name: str) -> Field[Any, Any]:
    field = DishonestyRecord._meta.get_field(name)
    assert isinstance(field, Field)
    return field


def label(name: str) -> str:
    """What a field is called, in the words of the standard."""
    return str(_LABELS.get(name) or _field(name).verbose_name)


def duties_of(obligations: Iterable[Obligation]) -> tuple[Duty, ...]:
    return tuple(Duty(each.name, each.source, each.fulfilled_on) for each in obligations)


def present(record: DishonestyRecord, name: str) -> Any:
    """What a record says in a field, or its duties."""
    return duties_of(record.obligations.all()) if name == OBLIGATIONS else getattr(record, name)


def to_json(value: Any) -> Any:
    """A field's value, or its duties, as the history keeps it."""
    match value:
        case datetime() | date():
            return value.isoformat()
        case Decimal():
            return f"{value.normalize():f}"
        case tuple():
            return [[duty.name, duty.source, to_json(duty.fulfilled_on)] for duty in value]
    return value


def from_json(name: str, kept: Any) -> Any:
    """The value of a field, or the duties, from what the history keeps."""
    if name == OBLIGATIONS:
        return tuple(Duty(duty, source, day and date.fromisoformat(day)) for duty, source, day in kept)
    return _field(name).to_python(kept)


def in_words(name: str, kept: Any) -> str:
    """What the history keeps of a field, as people read it: an older text can hold the number of a person."""
    return mask_numbers(_in_words(name, kept))


def _in_words(name: str, kept: Any) -> str:
    if name == OBLIGATIONS:
        return _("；").join(_duty_in_words(duty) for duty in from_json(name, kept)) or _("无")
    if name in _CODES:
        return _("、").join(_(_CODES[name][code]) for code in kept) or _("无")
    if name == "other_columns":
        return _("、").join(kept.values()) or _("无")
    if name == "valid_until" and kept is None:
        return _("长期")
    field = _field(name)
    if field.choices:
        return str(dict(field.flatchoices)[kept])
    value = field.to_python(kept)
    match value:
        case datetime():
            return zh_moment(value)
        case date():
            return zh_day(value)
    return str(kept) if kept not in (None, "") else _("无")


def _duty_in_words(duty: Duty) -> str:
    state = _("%(day)s履行完毕") % {"day": zh_day(duty.fulfilled_on)} if duty.fulfilled_on else _("未履行")
    return _("%(name)s（%(source)s）：%(state)s") % {
        "name": duty.name,
        "source": Obligation.Source(duty.source).label,
        "state": state,
    }


# -- As a form takes them: the same words as in a record file.


def _blank_or(read: Callable[[str], Any]) -> Callable[[str], Any]:
    return lambda text: read(text) if text.strip() else None


def _unlimited_or_day(text: str) -> date | None:
    if cells.fold(text) in cells.LONG_TERM_WORDS:
        return None
    day = cells.read_date(text)
    return None if day >= cells.LONG_TERM else day


# What an officer can change and a subject can object to, in the order of the forms.
READERS: Mapping[str, Callable[[str], Any]] = {
    "severity": cells.read_severity,
    "decided_on": cells.read_date,
    "identified_on": cells.read_date,
    "violation_type": str,
    "facts": str,
    "legal_basis": str,
    "penalties": cells.read_penalties,
    "penalty_content": str,
    "fine_amount": _blank_or(cells.read_amount),
    "confiscated_amount": _blank_or(cells.read_amount),
    "permit_affected": str,
    "domains": cells.read_domains,
    "conducts": cells.read_conducts,
    "valid_until": _unlimited_or_day,
}
# The fields that say nothing when they are empty, and so may be.
OPTIONAL = frozenset({"fine_amount", "confiscated_amount", "permit_affected", "domains", "conducts"})
DAYS = ("decided_on", "identified_on", "valid_until")


def changeable() -> list[str]:
    return [*READERS, OBLIGATIONS]


def as_written(text: str) -> str:
    """What somebody wrote into a form, whatever the browser made of the ends of its lines."""
    return visible(text).strip()


def differs(record: DishonestyRecord, name: str, text: str) -> bool:
    """Whether a field of a form says something else than the record."""
    return as_written(text) != as_written(for_form(record, name))


def read_changes(
    record: DishonestyRecord, words: Mapping[str, str], on: date
) -> tuple[dict[str, Any], dict[str, str]]:
    """What a record is to be by the words of a form, and by field what is wrong with them: what is wrong in a cell of a
    record file. ``on`` is today."""
    values: dict[str, Any] = {}
    faults: dict[str, str] = {}
    # From the penalties that the record has with this change its duties follow.
    penalties = list(record.penalties)
    for name in changeable():
        if name not in words:
            continue
        try:
            values[name] = _read(name, as_written(words[name]), penalties)
        except Fault as fault:
            faults[name] = str(fault)
        else:
            penalties = values.get("penalties", penalties)
    if OBLIGATIONS in values:
        values[OBLIGATIONS] = _as_kept(record, values[OBLIGATIONS])
    new_days = [name for name in DAYS if name in values]
    days = {name: values.get(name, getattr(record, name)) for name in DAYS} if new_days else {}
    for key, wrong in wrong_days(on=on, duties=values.get(OBLIGATIONS, ()), **days):
        name = OBLIGATIONS if key == FULFILMENT else key if key in values else new_days[0]
        faults.setdefault(name, wrong)
    return values, faults


def _as_kept(record: DishonestyRecord, duties: Iterable[Duty]) -> tuple[Duty, ...]:
    """A duty that the form names with its numbers masked is the record's own."""
    names = {str(each): each.name for each in record.obligations.all()}
    return tuple(duty._replace(name=names.get(duty.name, duty.name)) for duty in duties)


def _read(name: str, text: str, penalties: list[str]) -> Any:
    if not text and name not in OPTIONAL and name != OBLIGATIONS:
        raise Fault(_("“%(heading)s”不能为空。") % {"heading": label(name)})
    said = check_text(FULFILMENT if name == OBLIGATIONS else name, text, "")
    if said.fault:
        raise Fault(said.fault)
    return cells.read_fulfilment(said.text, penalties) if name == OBLIGATIONS else READERS[name](said.text)


@as_kept()
def for_form(record: DishonestyRecord, name: str) -> str:
    """A field of a record in the words that ``read_changes`` takes. An older text can hold the number of a person, which
    is masked; sent back so it is no change."""
    return mask_numbers(_for_form(record, name))


def _for_form(record: DishonestyRecord, name: str) -> str:
    if name == OBLIGATIONS:
        return "；".join(
            f"{each}（{each.get_source_display()}）:{each.fulfilled_on or UNFULFILLED}"
            for each in record.obligations.all()
        )
    value = getattr(record, name)
    if name in _CODES:
        return "；".join(_CODES[name][code] for code in value)
    if name == "severity":
        return record.get_severity_display()
    if name == "valid_until":
        return value.isoformat() if value else UNLIMITED
    return str(to_json(value)) if value is not None else ""
