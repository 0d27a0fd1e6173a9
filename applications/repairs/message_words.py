"""By what a message names its case: its title, the line about the record, and the same in one SMS."""

from django.utils.translation import gettext as _

from applications.notifications.services import TEXT_LENGTH
from applications.records.models import DishonestyRecord
from applications.repairs.models import RepairCase
from rules.procedure import Step


def in_public(record: DishonestyRecord) -> str:
    """What a grant means for the publicity of its record. What the law withholds is not public before it either."""
    if record.is_withheld:
        return _("该信息已标注，依法不公示")
    return _("该信息已标注并停止公示")


def text_of(case: RepairCase, step: Step, ask: str) -> str:
    """The same in one SMS: who, which case, what, and what is asked until when. No name of a subject, for whoever holds the
    telephone reads it; an organ with a long name is left out before what is asked is."""
    organ = _("%(organ)s：") % {"organ": case.organ}
    long, short = _("详情请登录江苏信用修复查看。"), _("请登录查看。")
    said = ""
    for who, end in ((organ, long), (organ, short), ("", long), ("", short)):
        said = who + _("申请%(number)s，%(step)s。") % {"number": case.number, "step": step.label} + ask + end
        if len(said) <= TEXT_LENGTH:
            break
    return said


def titled(case: RepairCase, what: str) -> str:
    """A title by which whoever acts for several subjects knows which record of whom it is about."""
    return f"{case.number} {case.record.subject.public_name} {case.record}：{what}"


def about(case: RepairCase) -> str:
    """Whose record it is and who has it in hand: who acts for several has many cases. A person's name is masked, since
    a mail may lie open."""
    return whose(case.record.subject.public_name, str(case.record), str(case.organ))


def whose(subject: str, record: str, organ: str) -> str:
    """The line by which a message says which record of whom it is about."""
    return _("信用主体：%(subject)s；决定书文号：%(record)s；办理机构：%(organ)s。") % {
        "subject": subject,
        "record": record,
        "organ": organ,
    }
