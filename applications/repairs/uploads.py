"""What is known of the uploaded files of a case: remarks on their pages, and what the virus scanner said."""

from collections.abc import Iterable

from django.utils.translation import gettext as _

from applications.files.remarks import PageRemark, remarks_on
from applications.files.scanning import is_infected
from applications.repairs.models import Material, MaterialKind, RepairCase
from rules.materials import KINDS, Kind


def remarks_of(material: Material, case: RepairCase) -> list[PageRemark]:
    """The form of the identifying unit bears its seal; any other paper of a person bears none."""
    sealed = KINDS[Kind(material.kind)].sealed
    persons_own = case.record.subject.is_person and material.kind != MaterialKind.REPAIR_FORM
    return [] if is_infected(material.file) else remarks_on(material.file, sealed=sealed and not persons_own)


def infected_in_words(case: RepairCase, materials: Iterable[Material]) -> list[str]:
    """Of what can still be taken back, a sentence for each file in which a virus was found."""
    return [
        _("“%(name)s”（%(kind)s）发现病毒，不能提交。请删除它，换一份没有病毒的重新上传。")
        % {"name": each.file.name, "kind": each.get_kind_display()}
        for each in materials
        if each.round > case.round and is_infected(each.file)
    ]
