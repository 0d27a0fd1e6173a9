from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction

from applications.accounts.models import Role, User
from applications.organs.models import Organ
from applications.sharing import adapters
from applications.sharing.models import Delivery, Destination
from applications.sharing.services import enqueue
from applications.sharing.signals import delivered
from tests.fixtures import make_user, moment
from tests.sharing.platforms import move, platform_of
from tests.sharing_sandbox.process import SandboxProcess, make_message

WRITTEN = moment("2026-11-23 10:00")


@pytest.fixture(autouse=True)
def _time_stands_still() -> None:
    """The platform is another process: it refuses what is signed at another time than its own."""


@pytest.fixture(autouse=True)
def _in_a_transaction(settings):
    # Most tests here live in a transaction; test_guard.py looks at the refusal itself.
    settings.ALLOW_OUTBOUND_IN_TRANSACTION = True


@pytest.fixture(autouse=True)
def _nobody_above(monkeypatch) -> None:
    """The cases of these deliveries do not exist: the apps above stay out of it."""
    monkeypatch.setattr(delivered, "receivers", [])


@pytest.fixture
def nanjing(db) -> Destination:
    """The platform of Nanjing, at whose address nobody listens."""
    return platform_of("320100")


@pytest.fixture
def platform(nanjing, tmp_path: Path) -> Iterator[SandboxProcess]:
    """The sandbox that is the platform of Nanjing, not started yet."""
    process = SandboxProcess(tmp_path / "sandbox")
    move(nanjing, process.url)
    yield process
    # Nobody needs what it has kept.
    process.stop(kill=True)


@pytest.fixture
def hurried(monkeypatch) -> Callable[[], AbstractContextManager[None]]:
    """with hurried(): timeouts of fractions of a second instead of seconds, where they are to run out."""

    def quick(url: str, key: str) -> adapters.HttpAdapter:
        return adapters.HttpAdapter(
            url=url, key=key, connect_seconds=1, read_seconds=0.4, exchange_seconds=0.8
        )

    @contextmanager
    def hurry() -> Iterator[None]:
        with monkeypatch.context() as patch:
            patch.setattr(adapters, "_adapter", quick)
            yield

    return hurry


@pytest.fixture
def write(market_bureau, ecology_bureau, nanjing) -> Callable[..., Delivery]:
    """Writes one delivery as a decision does: write(case, sequence) of one case's stream."""

    def write_one(case: int = 1, sequence: int = 1, *, at: datetime = WRITTEN, **changes: Any) -> Delivery:
        payload = make_message(case, sequence=sequence, **changes)
        organ = Organ.objects.get(uscc=payload["deciding_organ"]["uscc"])
        with transaction.atomic():
            return enqueue(
                kind="repair_decision", about=payload["case_number"], organ=organ, payload=payload, at=at
            )

    return write_one


@pytest.fixture
def keeper(credit_bureau) -> User:
    """A system administrator."""
    return make_user("keeper@example.com", "纪系统", credit_bureau, Role.SYSTEM_ADMIN)
