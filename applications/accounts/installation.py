"""The first organ and the first security administrator, from whom every other account comes."""

from dataclasses import dataclass
from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from applications.accounts.models import Role, StaffRole, User
from applications.accounts.services import create_staff, propose_address, send_invitation
from applications.ledger.services import record_event
from applications.organs.models import Organ, validate_prefix
from rules.codes import is_uscc

# What says which organ it is; an existing one must agree in these.
IDENTITY = ("name", "document_prefix", "kind", "region", "uscc")


@dataclass(frozen=True)
class Installation:
    """What was found or made. ``invited``: whether a mail with the link for the password waits to go out now."""

    organ: Organ
    person: User
    organ_is_new: bool
    person_is_new: bool
    address_is_new: bool
    invited: bool


def first_organ(
    *,
    code: str,
    name: str,
    document_prefix: str,
    region: str,
    uscc_code: str,
    phone: str = "",
    address: str = "",
) -> Organ:
    """An unsaved credit bureau 公共信用信息工作机构 (Article 3): only its administrators may add other organs.

    Raises ValidationError by field for what no organ may have; whether such an organ exists is not looked at.
    """
    organ = Organ(
        code=code,
        name=name,
        document_prefix=document_prefix,
        kind=Organ.Kind.CREDIT_BUREAU,
        level=Organ.Level.of(region),
        region=region,
        uscc=uscc_code,
        phone=phone,
        address=address,
    )
    organ.clean_fields()
    validate_uscc(uscc_code)
    return organ


def validate_uscc(value: str) -> None:
    """GB 32100. Raises ValidationError."""
    if not is_uscc(value):
        raise ValidationError(
            _("统一社会信用代码应为18位，并且校验位相符（代码中没有 I、O、S、V、Z），请核对登记证书。")
        )


@transaction.atomic
def create_installation(
    *, organ: Organ, name: str, email: str, at: datetime, send_again: bool = False
) -> Installation:
    """Make what is missing of these two and write the invitation; all of it or nothing.

    The mail waits in the outbox then. Asked again with the same answers it changes nothing, and writes the invitation
    again only with ``send_again``. Another address for the same person replaces the one before, for as long as nobody
    has set a password: a mistyped one would shut everybody out. Raises ValidationError where something else is there.
    Ledger: ``organ.created``, ``user.created``, ``user.roles_changed``, ``user.address_changed``, all by the system.
    """
    found = Organ.objects.select_for_update().filter(code=organ.code).first()
    if found:
        _require_same(found, organ)
    person = User.objects.filter(email__iexact=email).first()
    mistyped = None
    if person:
        _require_first_administrator(person, organ.code)
    else:
        mistyped = _not_yet_in_use(name, organ.code)
    if person is None and mistyped is None:
        _require_no_administrator()
    if not found:
        organ.full_clean()
        validate_prefix(organ.document_prefix)
        organ.save()
        record_event(
            chain=f"organ-{organ.code}",
            verb="organ.created",
            at=at,
            organ=organ,
            payload={"fields": sorted([*IDENTITY, "code", "level"])},
        )
    if mistyped:
        propose_address(user=mistyped, email=email, actor=None, at=at)
        mistyped.refresh_from_db()
    made = (
        person
        or mistyped
        or create_staff(
            email=email, name=name, organ=found or organ, roles=[Role.SECURITY_ADMIN], actor=None, at=at
        )
    )
    # Within the transaction: no account stays of which its owner was never told.
    invited = person is None or send_again
    if invited and not mistyped:
        send_invitation(user=made)
    return Installation(
        organ=found or organ,
        person=made,
        organ_is_new=found is None,
        person_is_new=person is None and mistyped is None,
        address_is_new=mistyped is not None,
        invited=invited,
    )


def _require_same(found: Organ, wanted: Organ) -> None:
    for field in IDENTITY:
        if getattr(found, field) != getattr(wanted, field):
            label = Organ._meta.get_field(field).verbose_name  # type: ignore[union-attr]
            raise ValidationError(
                _(
                    "编号为“%(code)s”的机构已经存在，它的“%(label)s”是“%(there)s”，与所给的不同；已有的机构没有改动。"
                )
                % {"code": found.code, "label": label, "there": getattr(found, field)}
            )


def _require_first_administrator(person: User, organ_code: str) -> None:
    held = set(StaffRole.objects.filter(user=person).values_list("role", flat=True))
    if (
        held != {Role.SECURITY_ADMIN}
        or person.organ is None
        or person.organ.code != organ_code
        or not person.is_active
    ):
        raise ValidationError(
            {"email": _("该邮箱已有账号，但不是所给机构在用的安全管理员；已有的账号没有改动。请换一个邮箱。")}
        )


def _not_yet_in_use(name: str, organ_code: str) -> User | None:
    """The only administrator there is, if it is this person, who has no password yet."""
    there = list(_administrators())
    if len(there) != 1:
        return None
    person = there[0].user
    same = person.name == name and person.organ is not None and person.organ.code == organ_code
    return person if same and not person.has_usable_password() else None


def _administrators() -> QuerySet[StaffRole]:
    return StaffRole.objects.filter(role=Role.SECURITY_ADMIN, user__is_active=True).select_related(
        "user__organ"
    )


def _require_no_administrator() -> None:
    """A second one is made by the first, in the officers' site, where two people know of it."""
    there = _administrators().first()
    if there:
        raise ValidationError(
            _("已有安全管理员 %(email)s；其他机构和人员请在工作人员网站上办理。")
            % {"email": there.user.email}
        )
