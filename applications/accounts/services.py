"""Staff accounts and their roles. Applicants make their own accounts (see adapter.py)."""

from collections.abc import Iterable
from datetime import datetime
from urllib.parse import quote

from allauth.account.adapter import get_adapter
from allauth.account.forms import default_token_generator
from allauth.account.models import EmailAddress, EmailConfirmationHMAC
from allauth.account.utils import user_pk_to_url_str
from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from applications.accounts.access import may_manage_staff_of, separation_conflict
from applications.accounts.events import chain_of
from applications.accounts.models import Role, StaffRole, User
from applications.ledger.services import record_event
from applications.organs.models import Organ


def _require_manager(actor: User | None, organ: Organ) -> None:
    """``actor`` None is the system: the sample province and the first security administrator."""
    if actor is not None and not may_manage_staff_of(actor, organ):
        raise PermissionDenied


@transaction.atomic
def create_staff(
    *,
    email: str,
    name: str,
    organ: Organ,
    roles: Iterable[str],
    actor: User | None,
    at: datetime,
    phone: str = "",
    password: str | None = None,
) -> User:
    """An account for a person of an organ. Without a password one is set from the link of send_invitation.

    The security administrator vouches for the address, so it needs no verification of its own.
    Raises ValidationError for a taken address or roles that break the separation of the three administrators.
    """
    _require_manager(actor, organ)
    email = email.lower()
    if User.objects.filter(email__iexact=email).exists():
        raise ValidationError({"email": _("该邮箱已有账号。")})
    user = User.objects.create_user(
        email, password, name=name, phone=phone, organ=organ, is_staff=True, date_joined=at
    )
    EmailAddress.objects.create(user=user, email=email, verified=True, primary=True)
    record_event(
        chain=chain_of(user),
        verb="user.created",
        at=at,
        actor=actor,
        role=Role.SECURITY_ADMIN if actor else "",
        organ=organ,
        payload={"organ": organ.code},
    )
    grant_roles(user=user, roles=roles, actor=actor, at=at)
    return user


@transaction.atomic
def grant_roles(*, user: User, roles: Iterable[str], actor: User | None, at: datetime) -> None:
    """Make these the roles of a staff member: what is missing is added, what is not named is taken away.

    Whoever holds one of SEPARATED_ROLES holds nothing else; nobody changes the own roles. Ledger:
    ``user.roles_changed`` with what was added and removed; nothing is written if nothing changes.
    """
    wanted = {Role(role) for role in roles}
    if not user.is_staff or user.organ is None:
        raise ValidationError(_("只有属于某一机构的工作人员才能担任岗位。"))
    _require_manager(actor, user.organ)
    if actor is not None and actor.pk == user.pk:
        raise ValidationError(_("不能修改自己的岗位，请由另一名安全管理员办理。"))
    if separation_conflict(wanted):
        raise ValidationError(
            _("三员分立：系统管理员、安全管理员、审计管理员不得兼任任何其他岗位。"), code="separation"
        )
    User.objects.select_for_update().get(pk=user.pk)
    held = {Role(role) for role in StaffRole.objects.filter(user=user).values_list("role", flat=True)}
    added, removed = wanted - held, held - wanted
    if not added and not removed:
        return
    StaffRole.objects.filter(user=user, role__in=removed).delete()
    StaffRole.objects.bulk_create(StaffRole(user=user, role=role) for role in sorted(added))
    record_event(
        chain=chain_of(user),
        verb="user.roles_changed",
        at=at,
        actor=actor,
        role=Role.SECURITY_ADMIN if actor else "",
        organ=user.organ,
        payload={"added": sorted(added), "removed": sorted(removed)},
    )


@transaction.atomic
def change_staff(*, user: User, name: str, phone: str, is_active: bool, actor: User, at: datetime) -> None:
    """Name, telephone, and whether the account is in use. A disabled account is signed out at its next request.

    Ledger: ``user.disabled`` or ``user.enabled``, and ``user.changed`` with the names of the other fields.
    """
    if user.organ is None:
        raise ValidationError(_("该账号不属于任何机构。"))
    _require_manager(actor, user.organ)
    current = User.objects.select_for_update().get(pk=user.pk)
    if actor.pk == user.pk and not is_active:
        raise ValidationError(_("不能停用自己的账号，请由另一名安全管理员办理。"))
    new = {"name": name, "phone": phone, "is_active": is_active}
    changed = sorted(field for field, value in new.items() if getattr(current, field) != value)
    if not changed:
        return
    User.objects.filter(pk=user.pk).update(**new)
    for field, value in new.items():
        setattr(user, field, value)
    verbs: list[tuple[str, dict[str, list[str]]]] = []
    if "is_active" in changed:
        changed.remove("is_active")
        verbs.append(("user.enabled" if is_active else "user.disabled", {}))
    if changed:
        verbs.append(("user.changed", {"fields": changed}))
    for verb, payload in verbs:
        record_event(
            chain=chain_of(user),
            verb=verb,
            at=at,
            actor=actor,
            role=Role.SECURITY_ADMIN,
            organ=user.organ,
            payload=payload,
        )


@transaction.atomic
def propose_address(*, user: User, email: str, actor: User | None, at: datetime) -> bool:
    """Another sign-in address for a member of staff; return whether it is in force already.

    It is in force when its owner opens the link that is mailed to it, signed in with the old one: whoever keeps the
    accounts must not be able to take one over. The old address is told. Before the first password was set nobody
    could sign in: the new address is in force at once, and the invitation goes to it.
    Raises ValidationError for the own address and for a taken one.
    """
    if user.organ is None:
        raise ValidationError(_("该账号不属于任何机构。"))
    _require_manager(actor, user.organ)
    if actor is not None and actor.pk == user.pk:
        raise ValidationError(_("不能更换自己的登录邮箱，请由另一名安全管理员办理。"))
    email = email.lower()
    current = User.objects.select_for_update().get(pk=user.pk)
    if User.objects.filter(email=email).exists() or EmailAddress.objects.filter(email=email, verified=True):
        raise ValidationError({"email": _("该邮箱已有账号。")})
    EmailAddress.objects.filter(user=current, verified=False).delete()
    at_once = not current.has_usable_password()
    if at_once:
        EmailAddress.objects.filter(user=current).delete()
        User.objects.filter(pk=current.pk).update(email=email)
    address = EmailAddress.objects.create(user=current, email=email, verified=at_once, primary=at_once)
    record_event(
        chain=chain_of(current),
        verb="user.address_changed" if at_once else "user.address_proposed",
        at=at,
        actor=actor,
        role=Role.SECURITY_ADMIN if actor else "",
        organ=current.organ,
    )
    if at_once:
        current.email = email
        send_invitation(user=current)
        return True
    link = reverse("account_confirm_email", args=[EmailConfirmationHMAC(address).key])
    about = {"user": current, "actor": actor, "new": email, "link": settings.SITE_URL + link}
    get_adapter().send_mail("account/email/staff_address_confirm", email, about)
    get_adapter().send_mail("account/email/staff_address_proposed", current.email, about)
    return False


def send_invitation(*, user: User) -> None:
    """Mail a new member of staff the link under which the first password is set.

    It goes out with the outbox. The link holds until it is used or PASSWORD_RESET_TIMEOUT is over; sending anew
    makes a new one.
    """
    key = f"{user_pk_to_url_str(user)}-{default_token_generator.make_token(user)}"
    path = reverse("account_reset_password_from_key", kwargs={"uidb36": "UID", "key": "KEY"})
    get_adapter().send_mail(
        "account/email/invitation",
        user.email,
        {
            "user": user,
            "link": settings.SITE_URL + path.replace("UID-KEY", quote(key)),
            "days": settings.PASSWORD_RESET_TIMEOUT // 86400,
        },
    )
