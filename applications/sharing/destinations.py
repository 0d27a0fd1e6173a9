"""Where decisions go: proposed by one supervisor, put into effect by another (Articles 3 and 11, ADR 0024)."""

from datetime import datetime
from urllib.parse import urlsplit

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.translation import gettext as _

from applications import at_rest
from applications.accounts import four_eyes
from applications.accounts.models import Role, User
from applications.ledger.locking import lock_chain
from applications.ledger.services import record_event
from applications.notifications.links import link_to
from applications.notifications.services import notify
from applications.organs import regions
from applications.organs.models import Organ
from applications.outbox.sending import hand_back
from applications.sharing import access, selectors
from applications.sharing.columns import fill_in
from applications.sharing.models import Delivery, Destination
from rules.errors import InputError

State = Destination.State


@transaction.atomic
def propose_destination(
    *,
    name: str,
    region: str,
    address: str,
    key: str,
    actor: User,
    at: datetime,
    closes: bool = False,
) -> Destination:
    """Propose the platform of a region, another address, name or key for it, or (``closes``) that there is none any more.

    An empty key is the one in force when it is approved. InputError by field: an unknown region, no whole address, no key though
    none is in force, nothing that would change. PermissionDenied: the region is not the department's.
    """
    if not regions.exists(region):
        raise InputError("region", _("应为江苏省的行政区划代码，不能是“%(code)s”") % {"code": region})
    if not access.may_propose(actor, region):
        raise PermissionDenied
    lock_chain(_chain(region))
    current = selectors.in_force().filter(level=Organ.Level.of(region), region=region).first()
    address = address.strip().rstrip("/")
    if closes:
        if current is None:
            raise InputError("region", _("%(place)s没有在用的共享平台") % {"place": regions.name(region)})
        name, address, key = name.strip() or current.name, "", ""
    else:
        name = name.strip()
        if not name:
            raise InputError("name", _("请填写平台名称"))
        check_address(address)
        if not key and current is None:
            raise InputError("key", _("请填写与平台约定的签名密钥"))
        if current is not None and not key and (current.name, current.address) == (name, address):
            raise InputError("address", _("与在用的完全一致，没有需要改变的"))
    waiting = Destination.objects.filter(
        state=State.PROPOSED, region=region, name=name, address=address, closes=closes
    )
    if same := next((each for each in waiting if (each.key if each.sealed_key else "") == key), None):
        raise InputError("address", four_eyes.waits(same))
    destination = Destination.objects.create(
        name=name,
        level=Organ.Level.of(region),
        region=region,
        address=address,
        sealed_key=_seal(key) if key else "",
        closes=closes,
        proposed_by=actor,
        proposed_at=at,
    )
    _record(destination, "destination.proposed", actor, at, new_key=bool(key))
    notify(
        key=f"destination-proposed-{destination.pk}",
        recipients=access.deciders_of(destination),
        subject=_("待复核的共享平台：%(what)s") % {"what": destination},
        body=(
            _("%(who)s提出停用%(place)s的共享平台“%(what)s”，请复核。复核前推送去向不变。")
            if closes
            else _("%(who)s提出%(place)s的共享平台“%(what)s”，请核对接口地址后复核。复核前推送去向不变。")
        )
        % {"who": actor, "place": destination.place, "what": destination},
        at=at,
        link=link_to("destination", destination.pk),
    )
    return destination


@transaction.atomic
def approve_destination(*, destination: Destination, actor: User, at: datetime) -> Destination:
    """Put a proposal into effect, by a second person; what waits in the region goes where it belongs from now on.

    NotProposed: it is decided already, or the platform whose key it keeps has ended. PermissionDenied: the proposer, or
    not a supervisor over the region.
    """
    current = _take(destination, actor)
    current.active_from = at
    before = _end_before(current, at)
    if not current.closes and not current.sealed_key:
        if before is None:
            raise four_eyes.NotProposed(
                _("%(place)s已经没有在用的共享平台，没有可以沿用的密钥。请驳回，重新提出并填写密钥。")
                % {"place": current.place}
            )
        current.sealed_key = before.sealed_key
    four_eyes.approve(current, actor=actor, at=at)
    _record(current, "destination.approved", actor, at)
    _send_on(current.region, at)
    _tell_proposer(current, "approved", at)
    return current


@transaction.atomic
def reject_destination(*, destination: Destination, actor: User, reason: str, at: datetime) -> Destination:
    """Turn a proposal down, by a second person. NotProposed, PermissionDenied; InputError without a reason."""
    current = _take(destination, actor)
    four_eyes.reject(current, actor=actor, reason=reason, at=at)
    _record(current, "destination.rejected", actor, at)
    _tell_proposer(current, "rejected", at)
    return current


@transaction.atomic
def register_destination(*, name: str, region: str, address: str, key: str, at: datetime) -> Destination:
    """The platform that the operator names, in force at once: the first of an installation, and that of the sample.

    Where just this one is in force, or one that two people put there, nothing changes. InputError: no whole address.
    """
    address = address.rstrip("/")
    check_address(address)
    lock_chain(_chain(region))
    level = Organ.Level.of(region)
    current = selectors.in_force().filter(level=level, region=region).first()
    if current is not None and (current.proposed_by or (current.address, current.key) == (address, key)):
        return current
    new = Destination(
        name=name,
        level=level,
        region=region,
        address=address,
        sealed_key=_seal(key),
        state=State.APPROVED,
        proposed_at=at,
        active_from=at,
    )
    _end_before(new, at)
    new.save()
    _record(new, "destination.registered", None, at)
    _send_on(region, at)
    return new


def register_first(*, at: datetime) -> Destination | None:
    """The province's platform from PLATFORM_URL and PLATFORM_KEY, where there is no platform at all yet."""
    if not settings.PLATFORM_URL or Destination.objects.exists():
        return None
    return register_destination(
        name=_("江苏省公共信用信息共享平台"),
        region=regions.PROVINCE,
        address=settings.PLATFORM_URL,
        key=settings.PLATFORM_KEY,
        at=at,
    )


def find_homes(*, at: datetime) -> None:
    """Give what waits without a platform to the one that can take it now, if there is one."""
    fill_in(Delivery.objects, Organ.objects)
    for organ_id in list(selectors.homeless().order_by().values_list("organ", flat=True).distinct()):
        _settle(organ_id, at)


def check_address(address: str) -> None:
    """InputError("address") unless it is http(s) with a host, and nothing that a secret could hide in."""
    try:
        parts = urlsplit(address)
        good = (
            parts.scheme in ("http", "https")
            and bool(parts.hostname)
            and not (parts.username or parts.password or parts.query or parts.fragment)
            and (parts.port is None or parts.port > 0)
            and address.isprintable()
            and " " not in address
        )
    except ValueError:
        good = False
    if not good:
        raise InputError("address", _("应为完整的接口地址，如 https://share.example.gov.cn，不含账号和参数"))


def _seal(key: str) -> str:
    return at_rest.encrypt(key.encode()).decode()


def _chain(region: str) -> str:
    return f"destination-{region}"


def _take(destination: Destination, actor: User) -> Destination:
    if not access.may_decide(actor, destination):
        raise PermissionDenied
    lock_chain(_chain(destination.region))
    return four_eyes.lock_proposed(destination)


def _end_before(new: Destination, at: datetime) -> Destination | None:
    """End the row whose place the new one takes."""
    if new.closes:
        new.active_to = at
    before = Destination.objects.filter(
        level=new.level, region=new.region, active_from__isnull=False, active_to=None
    ).first()
    if before is not None:
        before.active_to = at
        before.save()
    return before


def _send_on(region: str, at: datetime) -> None:
    """What the organs of a region have not delivered is for the platforms in force now."""
    left = Delivery.objects.filter(status__in=selectors.LEFT)
    organs = Organ.objects.filter(region__startswith=regions.prefix(region), pk__in=left.values("organ"))
    for organ_id in list(organs.values_list("pk", flat=True)):
        _settle(organ_id, at)


def _settle(organ_id: int | None, at: datetime) -> None:
    """Give what an organ has not delivered to its platform; what is given up stays so, until it is pushed again."""
    if organ_id is None:
        # Of an organ that is not there any more.
        destination = selectors.provinces()
    else:
        destination = selectors.destination_for(Organ.objects.get(pk=organ_id))
    moved = Delivery.objects.filter(organ=organ_id, status__in=selectors.LEFT).exclude(
        destination=destination
    )
    # Every sweep looks; where there is still no platform it writes nothing.
    if moved.exists():
        # That the one before did not answer says nothing about this one.
        hand_back(moved.filter(status=Delivery.Status.WAITING), at=at)
        moved.update(destination=destination)


def _tell_proposer(destination: Destination, step: str, at: datetime) -> None:
    assert destination.proposed_by is not None
    subject, body = {
        ("approved", False): (_("已复核：共享平台“%(what)s”"), _("%(place)s的共享平台“%(what)s”已生效。")),
        ("approved", True): (_("已复核：停用共享平台“%(what)s”"), _("%(place)s的共享平台“%(what)s”已停用。")),
        ("rejected", False): (
            _("已驳回：共享平台“%(what)s”"),
            _("%(place)s的共享平台“%(what)s”已驳回。%(reason)s"),
        ),
        ("rejected", True): (
            _("已驳回：停用共享平台“%(what)s”"),
            _("停用%(place)s的共享平台“%(what)s”的提议已驳回。%(reason)s"),
        ),
    }[step, destination.closes]
    words = {"place": destination.place, "what": destination, "reason": destination.reason}
    notify(
        key=f"destination-{step}-{destination.pk}",
        recipients=[destination.proposed_by],
        subject=subject % words,
        body=body % words,
        at=at,
        link=link_to("destination", destination.pk),
    )


def _record(destination: Destination, verb: str, actor: User | None, at: datetime, **more: bool) -> None:
    record_event(
        chain=_chain(destination.region),
        verb=verb,
        at=at,
        actor=actor,
        role=Role.SUPERVISOR if actor else "",
        organ=actor.organ if actor else None,
        payload={
            "destination": destination.pk,
            "name": destination.name,
            "address": destination.address,
            "closes": destination.closes,
            **more,
        },
    )
