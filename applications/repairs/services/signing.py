"""Who may sign a commitment in which way (Article 15), and on which paper it rests. How each way is described:
commitments/signing.py."""

from collections.abc import Iterable
from datetime import datetime

from django.utils.translation import gettext as _

from applications.accounts.models import User
from applications.commitments.models import Commitment, SigningWay
from applications.commitments.signing import expected_signatory as expected_signatory
from applications.files.models import StoredFile
from applications.language import to_reader
from applications.repairs.errors import NotReady
from applications.repairs.models import Filing, Material, MaterialKind, RepairCase, SigningLink
from applications.subjects.identity import same_name

PAPERS = {
    SigningWay.AGENT: MaterialKind.AUTHORISATION,
    SigningWay.PAPER: MaterialKind.SIGNED_COMMITMENT,
}


def signs_with(user: User, case: RepairCase) -> bool:
    """Whether the account is that of who signs, as far as its name says so."""
    expected = expected_signatory(case.record.subject)
    changed = case.materials.filter(kind=MaterialKind.REPRESENTATIVE).exists()
    return not expected or same_name(user.name, expected) or changed


def undated_of(cases: Iterable[RepairCase]) -> list[RepairCase]:
    """Those of which nobody has said when the wrong was put right: the text is not whole without it."""
    return [each for each in cases if each.corrected_on is None]


@to_reader()
def refuse_undated(cases: Iterable[RepairCase]) -> None:
    """NotReady where there are any."""
    undated = [str(each.record) for each in undated_of(cases)]
    if undated:
        raise NotReady(
            _("请先填写%(names)s的失信行为纠正日期，它是承诺书的内容。") % {"names": "、".join(undated)}
        )


@to_reader()
def refuse_signatory(*, case: RepairCase, way: SigningWay, signatory: str, actor: User) -> None:
    """NotReady where somebody may not sign in this way: another than the account's owner with an account, another than
    the representative without proof of the change, an agent without a power of attorney."""
    if way == SigningWay.AGENT:
        if not same_name(signatory, actor.name):
            raise NotReady(
                _("受托人应以自己的账号签署：这个账号登记的姓名是“%(own)s”。") % {"own": actor.name}
            )
    else:
        _refuse_other_than_representative(case, signatory, actor)
    if way == SigningWay.ACCOUNT and not same_name(signatory, actor.name):
        raise NotReady(
            _("这个账号登记的姓名是“%(own)s”，不能代替“%(who)s”签署。请选择其他签署方式。")
            % {"own": actor.name, "who": signatory}
        )
    if way in PAPERS and paper_of(case, way) is None:
        raise NotReady(_("请先上传“%(paper)s”。") % {"paper": PAPERS[way].label})


def _refuse_other_than_representative(case: RepairCase, signatory: str, actor: User) -> None:
    subject = case.record.subject
    expected = expected_signatory(subject)
    if not expected or same_name(signatory, expected):
        return
    if subject.is_person:
        # An officer enters what was signed by hand, and has no other way to choose.
        words = (
            _("签署人应为本人“%(name)s”。请由本人在打印的承诺书上签名。")
            if actor.is_staff
            else _("签署人应为本人“%(name)s”。由他人签署的，请选择受托人代签。")
        )
        raise NotReady(words % {"name": expected})
    if not case.materials.filter(kind=MaterialKind.REPRESENTATIVE).exists():
        raise NotReady(
            _(
                "签署人应为法定代表人“%(name)s”。法定代表人（负责人）已经变更的，请先上传“%(proof)s”，再填写现任姓名。"
            )
            % {"name": expected, "proof": MaterialKind.REPRESENTATIVE.label}
        )


def paper_of(case: RepairCase, way: SigningWay) -> StoredFile | None:
    """The latest paper of the case on which a signature in this way rests."""
    if way not in PAPERS:
        return None
    papers = case.materials.filter(kind=PAPERS[way]).select_related("file").order_by("pk")
    latest = papers.last()
    return latest.file if latest else None


def rests_on(case: RepairCase, material: Material) -> bool:
    """Whether a commitment, of this filing or of one that it was split off from, rests on the file."""
    return Commitment.objects.filter(subject=case.record.subject_id, paper=material.file_id).exists()


@to_reader()
def use_link(*, filing: Filing, link: SigningLink | None, at: datetime) -> None:
    """The link by which it is signed is used up, and all others of the filing are void. NotReady where the link is
    closed. Called while the chains of the filing's cases are locked, so two tries come one after the other."""
    links = SigningLink.objects.filter(used_at=None, revoked_at=None)
    if link is not None and not links.filter(pk=link.pk, expires_at__gt=at).update(used_at=at):
        raise NotReady(_("这个链接已经失效，没有签署。"))
    links.filter(case__filing=filing).update(revoked_at=at)
