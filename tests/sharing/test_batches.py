"""Many deliveries at once: several are under way together, and their receipts are written down together."""

from datetime import timedelta

from applications.ledger.models import Event
from applications.ledger.verification import verify_ledger
from applications.sharing import sending
from applications.sharing.models import Delivery
from applications.sharing.services import push_deliveries
from applications.sharing.signals import delivered
from tests.sharing.conftest import WRITTEN


def receipts_of(platform):
    return {message["payload"]["message_id"]: message["receipt_number"] for message in platform.received()}


def kept():
    return {str(row.pk): row.receipt["receipt_number"] for row in Delivery.objects.filter(status="delivered")}


def test_each_has_the_receipt_of_its_own_message(write, platform):
    platform.start()
    for case in range(1, 41):
        write(case)
        write(case, 2, data_state="update")
    assert push_deliveries(at=WRITTEN) == {"delivered": 80}
    assert kept() == receipts_of(platform) and len(kept()) == 80
    assert set(Delivery.objects.values_list("attempts", "leased_until", "last_error")) == {(1, None, "")}
    for case in range(1, 41):
        number = f"XF-320100-2026-{case:06d}-7"
        assert [each["payload"]["sequence"] for each in platform.received(number)] == [1, 2]
        told = Event.objects.filter(chain=number).order_by("position")
        assert [event.payload["position"] for event in told] == [1, 2]
    assert verify_ledger(at=WRITTEN).broken is None


def test_one_that_cannot_be_written_down_holds_no_other_up(write, platform):
    platform.start()
    ill = write(12)
    for case in range(1, 40):
        if case != 12:
            write(case)

    def break_down(sender, deliveries, **kwargs):
        if ill.pk in {delivery.pk for delivery in deliveries}:
            raise LookupError("no such case")

    delivered.connect(break_down)
    try:
        assert push_deliveries(at=WRITTEN) == {"delivered": 38, "waiting": 1}
    finally:
        delivered.disconnect(break_down)
    ill.refresh_from_db()
    assert "登记失败：LookupError: no such case" in ill.last_error
    assert not Event.objects.filter(chain=ill.about).exists()
    assert Event.objects.filter(verb="delivery.delivered").count() == 38
    assert push_deliveries(at=WRITTEN + timedelta(minutes=2)) == {"delivered": 1}
    assert kept() == receipts_of(platform)


def test_nobody_waits_for_a_chain_that_another_writes(write, platform, monkeypatch):
    """Such a receipt is written by itself, when the chain is free."""
    platform.start()
    for case in range(1, 21):
        write(case)
    busy = "XF-320100-2026-000012-7"
    lock = sending.lock_free_chains
    monkeypatch.setattr(sending, "lock_free_chains", lambda chains: lock(chains) - {busy})
    assert push_deliveries(at=WRITTEN) == {"delivered": 20}
    assert Event.objects.get(chain=busy).verb == "delivery.delivered"


def test_what_a_platform_refuses_is_refused_among_others(write, platform):
    platform.start()
    for case in range(1, 21):
        write(case, record__severity="minor" if case == 15 else "general")
    assert push_deliveries(at=WRITTEN) == {"delivered": 19, "dead": 1}
    assert Delivery.objects.get(status="dead").about == "XF-320100-2026-000015-7"
