"""What the system finds about the applicant's statements, shown beside the condition each is about: what our own registers
know, and what contradicts the record, the rules or another statement. The verdict is the officer's."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _

from applications.commitments.models import Commitment, SigningWay
from applications.commitments.signing import signing_of
from applications.repairs.assessing import CHECKLIST, items_of
from applications.repairs.models import Inquiry, MaterialKind, RepairCase
from applications.repairs.registers import find_report, who_lists
from applications.repairs.selectors import standing_answer
from applications.repairs.services.signing import expected_signatory
from applications.subjects.identity import same_name
from applications.training.models import TrainingCertificate
from applications.training.selectors import find_certificate
from rules.contradictions import contradictions
from rules.day_words import day_in_words
from rules.eligibility import Assessment


@dataclass(frozen=True)
class Remark:
    """``warns``: something does not go together, or cannot be found."""

    words: str
    warns: bool = True


def remarks_on(case: RepairCase, assessment: Assessment) -> dict[str, list[Remark]]:
    """By finding code. ``assessment`` is of what the applicant states, on the day of the question."""
    found: dict[str, list[Remark]] = defaultdict(list)
    for finding in assessment.open_findings:
        found[finding.code].append(Remark(_("按申请人的陈述：%(reason)s") % {"reason": finding.reason}))
    for each in contradictions(assessment.facts):
        found[each.code].append(Remark(each.words))
    if answer := standing_answer(case):
        for name, remark in _about_answer(case, answer):
            found["corrected" if name == CHECKLIST["corrected"] else "obligations_fulfilled"].append(remark)
    filing = case.filing
    if filing.commitment:
        found["commitment_signed"] += _about_signature(case, filing.commitment)
    if filing.report_number:
        found["credit_report_provided"].append(_about_report(case))
    if filing.report_institution:
        found["credit_report_provided"].append(_about_institution(filing.report_institution))
    if filing.training_certificate_number:
        found["training_completed"] += _about_training(case)
    return found


def _about_signature(case: RepairCase, commitment: Commitment) -> Iterator[Remark]:
    """How it was signed, and where the signatory is not whom the register names."""
    signing = signing_of(commitment)
    words = {"who": signing.who, "how": signing.how}
    yield Remark(_("%(who)s，%(how)s。") % words, warns=False)
    if commitment.way == SigningWay.AGENT:
        yield Remark(_("不是由其本人或者法定代表人签署，请核对授权委托书的受托人、权限和期限。"), warns=False)
        return
    expected = expected_signatory(case.record.subject)
    if expected and not same_name(expected, commitment.signatory):
        registered = {"signatory": commitment.signatory, "expected": expected}
        yield Remark(
            _(
                "签署人是“%(signatory)s”，登记的法定代表人（负责人）是“%(expected)s”，申请人已上传变更证明，请核对。"
            )
            % registered
            if case.materials.filter(kind=MaterialKind.REPRESENTATIVE).exists()
            else _("签署人是“%(signatory)s”，登记的法定代表人（负责人）是“%(expected)s”，没有上传变更证明。")
            % registered
        )


def _about_answer(case: RepairCase, answer: Inquiry) -> Iterator[tuple[str, Remark]]:
    """By the item: what the identifying unit says is not done, was done on another day than the applicant states, or was
    not asked, since the record has changed."""
    stated = {
        str(duty.obligation): duty.fulfilled_on for duty in case.obligations.select_related("obligation")
    }
    stated[CHECKLIST["corrected"]] = case.corrected_on
    answers = {each["name"]: each for each in answer.answers}
    words = {"unit": answer.unit.name, "form": answer.document.number if answer.document else ""}
    for name in items_of(case):
        given, day, item = answers.get(name), stated.get(name), words | {"name": name}
        if given is None:
            yield name, Remark(_("《信用修复表》（%(form)s）没有答复“%(name)s”。") % item)
        elif not given["done"]:
            yield name, Remark(_("%(unit)s在《信用修复表》（%(form)s）中答复“%(name)s”没有完成。") % item)
        elif day and day != (theirs := date.fromisoformat(given["on"])):
            days = {"theirs": day_in_words(theirs), "day": day_in_words(day)}
            yield (
                name,
                Remark(_("%(unit)s答复“%(name)s”于%(theirs)s完成，申请人填写的是%(day)s。") % (item | days)),
            )


def _about_report(case: RepairCase) -> Remark:
    """What our register says of the number of the report: whose, of which day, and whether it is void."""
    filing, number = case.filing, case.filing.report_number
    known = find_report(number)
    if known is None:
        where = (
            _("本系统没有登记编号为“%(number)s”的信用报告；本系统以外出具的报告，请向出具方核实。")
            if filing.report_issuer == "credit_bureau"
            else _("编号“%(number)s”：信用服务机构出具的报告不在本系统登记，请向出具方核实。")
        )
        return Remark(where % {"number": number})
    words = {"number": number, "issuer": known.issuer, "day": day_in_words(known.issued_on)}
    if known.subject_id != case.record.subject_id:
        return Remark(_("编号为“%(number)s”的信用报告由%(issuer)s出具给另一信用主体。") % words)
    if known.void:
        return Remark(_("编号为“%(number)s”的信用报告由%(issuer)s于%(day)s出具，已作废。") % words)
    if known.replaced_by:
        return Remark(
            _("编号为“%(number)s”的信用报告由%(issuer)s于%(day)s出具，已被%(later)s取代。")
            % {**words, "later": known.replaced_by}
        )
    if known.issued_on != filing.report_issued_on:
        return Remark(
            _("编号为“%(number)s”的信用报告由%(issuer)s于%(day)s出具，与申请人填写的出具日期不一致。") % words
        )
    if filing.report_issuer != "credit_bureau":
        return Remark(
            _("编号为“%(number)s”的信用报告由%(issuer)s于%(day)s出具，与申请人填写的出具方不一致。") % words
        )
    return Remark(_("本系统登记：%(issuer)s于%(day)s向该信用主体出具。") % words, warns=False)


def _about_institution(name: str) -> Remark:
    """Whether a department has the credit service institution on its list (Article 17)."""
    if organ := who_lists(name):
        return Remark(
            _("“%(name)s”在%(organ)s的信用服务机构名单上。") % {"name": name, "organ": organ}, warns=False
        )
    return Remark(_("“%(name)s”不在信用服务机构名单上，请核实出具方。") % {"name": name})


def _about_training(case: RepairCase) -> Iterator[Remark]:
    """What our register says of the certificate (Articles 5 and 16): whose, of which day, whether it holds, and whether its
    person is who the register of subjects names."""
    filing, number = case.filing, case.filing.training_certificate_number
    known = find_certificate(number)
    if known is None:
        words = _("本系统没有登记编号为“%(number)s”的培训证书；其他单位出具的，请向发证单位核实。")
        yield Remark(words % {"number": number})
        return
    said = {"number": number, "issuer": known.issuer, "day": day_in_words(known.completed_on)}
    if known.subject_id != case.record.subject_id:
        yield Remark(_("编号为“%(number)s”的培训证书由%(issuer)s出具给另一信用主体。") % said)
    elif known.state == TrainingCertificate.State.VOID:
        yield Remark(_("编号为“%(number)s”的培训证书由%(issuer)s出具，已作废。") % said)
    elif known.state == TrainingCertificate.State.WAITING:
        yield Remark(_("申请人登记了%(issuer)s的培训证书“%(number)s”，还没有工作人员核对。") % said)
    elif known.completed_on != filing.training_completed_on:
        words = _(
            "编号为“%(number)s”的培训证书由%(issuer)s出具，培训于%(day)s完成，与申请人填写的完成日期不一致。"
        )
        yield Remark(words % said)
    else:
        words = (
            _("本系统登记：%(person)s代表该信用主体于%(day)s完成培训，%(issuer)s出具证书。")
            if known.document_id
            else _("本系统登记并核对过扫描件：%(person)s于%(day)s完成%(issuer)s的培训。")
        )
        yield Remark(words % (said | {"person": known.person_name}), warns=False)
        expected = expected_signatory(case.record.subject)
        if expected and not same_name(expected, known.person_name):
            words = _(
                "证书上的参加人是“%(person)s”，登记的法定代表人（负责人）是“%(expected)s”。第五条没有写明由谁参加，"
                "第十六条说的是法定代表人参加培训，请核对。"
            )
            yield Remark(words % {"person": known.person_name, "expected": expected})
