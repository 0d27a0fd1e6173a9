"""The papers of a case and the conditions that each is evidence of (Article 7): what an officer has to have opened before
a condition is confirmed. What was opened is read in the archive, where each opening is noted."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from applications.accounts.opened import opened_keys
from applications.files.remarks import PageRemark
from applications.files.scanning import is_infected
from applications.repairs.assessing import CHECKLIST
from applications.repairs.models import RepairCase
from applications.repairs.selectors import filed_materials, standing_answer
from applications.repairs.uploads import remarks_of
from rules.materials import COMMITMENT_SHOWS, KINDS, ON_ALL, Kind


@dataclass(frozen=True)
class Paper:
    """``key`` is that of the file or document, as the archive notes its reading; ``shows`` the codes of conditions;
    ``address`` opens it whole, and with ``?page`` page by page."""

    key: str
    label: str
    name: str
    shows: frozenset[str]
    address: str
    # What is remarked on its pages.
    remarks: tuple[PageRemark, ...] = ()

    @property
    def paged(self) -> str:
        return f"{self.address}?page=1"


def papers_of(case: RepairCase) -> list[Paper]:
    """The commitment that was signed in the portal, the files that were filed, and the form of the identifying unit with what
    it enclosed."""
    commitment = case.filing.commitment
    signed = (
        [
            Paper(
                key=str(commitment.document_id),
                label=str(_("信用修复承诺书")),
                name=commitment.document.number,
                shows=frozenset({*COMMITMENT_SHOWS, ON_ALL}),
                address=reverse("documents:download", args=[commitment.document_id]),
            )
        ]
        if commitment
        else []
    )
    answer = standing_answer(case)
    answered = (
        [
            Paper(
                key=str(answer.document.pk),
                label=KINDS[Kind.REPAIR_FORM].label,
                name=answer.document.number,
                shows=frozenset({*KINDS[Kind.REPAIR_FORM].shows, ON_ALL}),
                address=reverse("documents:download", args=[answer.document.pk]),
            )
        ]
        if answer and answer.document
        else []
    )
    enclosed = answer.evidence if answer else None
    if answer and enclosed and not is_infected(enclosed):
        answered.append(
            Paper(
                key=str(enclosed.pk),
                label=str(_("认定单位附的证据")),
                name=enclosed.name,
                shows=frozenset({*KINDS[Kind.REPAIR_FORM].shows, ON_ALL}),
                address=reverse("admin:repairs_inquiry_evidence", args=[answer.pk]),
            )
        )
    filed = [
        Paper(
            key=str(material.file_id),
            label=material.get_kind_display(),
            name=material.file.name,
            shows=frozenset({*KINDS[Kind(material.kind)].shows, ON_ALL}),
            address=reverse("repairs:open_file", args=[case.number, material.pk]),
            remarks=tuple(remarks_of(material, case)),
        )
        for material in filed_materials(case)
        # Nobody can open it, so that nothing can rest on it.
        if not is_infected(material.file)
    ]
    return signed + filed + answered


def opened_by(reader_id: int, case: RepairCase) -> frozenset[str]:
    """The keys of the papers that an officer opened in the case, or in another of its subject: it may have the same papers,
    also when it has a filing of its own by now."""
    cases = RepairCase.objects.filter(record__subject=case.record.subject_id)
    abouts = {case.number, *cases.values_list("number", flat=True)}
    if commitment := case.filing.commitment:
        abouts.add(commitment.document.about)
    return opened_keys(reader_id, abouts, "repair.material_read", "document.read", "inquiry.read")


def confirmed_unseen(
    *, papers: Iterable[Paper], opened: frozenset[str], checklist: Mapping[str, Mapping[str, Any]]
) -> list[tuple[Paper, list[str]]]:
    """The papers that were not opened, each with the conditions it is evidence of that were confirmed all the same."""
    confirmed = [code for code, verdict in checklist.items() if verdict.get("confirmed")]
    unseen = [paper for paper in papers if paper.key not in opened]
    found = [(paper, [code for code in confirmed if code in paper.shows]) for paper in unseen]
    return [(paper, codes) for paper, codes in found if codes]


def in_words(unseen: Sequence[tuple[Paper, list[str]]]) -> list[str]:
    """One sentence a paper, for whoever confirmed without it."""
    return [
        _("您还没有打开“%(name)s”（%(label)s），不能把%(conditions)s核对为属实。请打开查看后再提交。")
        % {
            "name": paper.name,
            "label": paper.label,
            "conditions": "、".join(f"“{CHECKLIST[code]}”" for code in codes),
        }
        for paper, codes in unseen
    ]
