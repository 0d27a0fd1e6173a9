"""Sharing platforms as rows: registered at once, as the operator's are."""

from datetime import datetime

from applications.organs import regions
from applications.sharing.destinations import register_destination
from applications.sharing.models import Destination
from tests.fixtures import moment
from tests.sharing_sandbox.process import KEY, free_port

LONG_AGO = moment("2026-01-05 09:00")


def platform_of(
    region: str, address: str | None = None, *, key: str = KEY, at: datetime = LONG_AGO
) -> Destination:
    """The platform of a region; where no address is given nobody listens at it."""
    return register_destination(
        name=f"{regions.name(region)}公共信用信息共享平台",
        region=region,
        address=address or f"http://127.0.0.1:{free_port()}",
        key=key,
        at=at,
    )


def move(destination: Destination, address: str) -> None:
    """The same row with another address, as if it had always been there."""
    Destination.objects.filter(pk=destination.pk).update(address=address)
    destination.refresh_from_db()
