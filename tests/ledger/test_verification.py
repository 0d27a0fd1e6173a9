"""Whatever somebody who owns the database does to the archive afterwards, the verification says where."""

import json
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction

from applications.ledger import sealing
from applications.ledger.models import Event
from applications.ledger.sealing import seal_ledger
from applications.ledger.services import Entry, record_event, record_events
from applications.ledger.verification import verify_ledger
from tests.fixtures import moment
from tests.ledger.tampering import triggers_off

AT = moment("2026-11-20 09:00")


@pytest.fixture(autouse=True)
def own_folder(settings, tmp_path):
    settings.DATA_DIR = tmp_path


@pytest.fixture
def archive(market_bureau, wang) -> list[Event]:
    """Three cases of four events each, written in turns; sealed after the sixth and after the twelfth."""
    for number in range(12):
        with transaction.atomic():
            record_event(
                chain=f"XF-{number % 3}",
                verb="repair.reviewed",
                at=AT + timedelta(minutes=number),
                actor=wang,
                role="reviewer",
                organ=market_bureau,
                payload={"意见": "同意", "number": number},
            )
        if number in (5, 11):
            seal_ledger(at=AT + timedelta(hours=number))
    return list(Event.objects.order_by("pk"))


def tamper(statement: str, *values) -> None:
    with triggers_off(), connection.cursor() as cursor:
        cursor.execute(statement, values)


def test_an_untouched_archive_is_complete(archive):
    result = verify_ledger()
    assert result.broken is None
    assert (result.events, result.chains, result.heads, result.unsealed) == (12, 3, 2, 0)


def test_an_empty_archive_is_complete(db):
    assert verify_ledger().broken is None
    assert seal_ledger(at=AT) is None


@pytest.mark.parametrize(
    "change",
    [
        "verb = 'repair.granted'",
        "actor_id = NULL",
        "organ_id = NULL",
        "role = 'approver'",
        "at = '2026-11-20 01:00:00.000001+00:00'",
        """payload = '{"意见": "不同意", "number": 4}'""",
        "hash = 'f000000000000000000000000000000000000000000000000000000000000000'",
    ],
)
def test_a_changed_row_is_named(archive, change):
    tamper(f"UPDATE ledger_event SET {change} WHERE id = %s", archive[4].pk)
    assert f"事件 {archive[4].pk}" in verify_ledger().broken


def test_a_row_that_was_changed_with_its_hash_is_betrayed_by_the_next_one(archive):
    from applications.ledger.chain import event_hash

    event = archive[4]
    forged = event_hash(
        previous_hash=event.previous_hash,
        chain=event.chain,
        position=event.position,
        verb="repair.granted",
        actor_id=event.actor_id,
        role=event.role,
        organ_id=event.organ_id,
        at=event.at,
        payload=event.payload,
    )
    tamper("UPDATE ledger_event SET verb = 'repair.granted', hash = %s WHERE id = %s", forged, event.pk)
    # The head after the sixth event sums up the hashes; the next event of the case is the eighth.
    assert "链头 1" in verify_ledger().broken


def test_a_deleted_row_is_missed_at_the_next_of_its_chain(archive):
    tamper("DELETE FROM ledger_event WHERE id = %s", archive[1].pk)
    broken = verify_ledger().broken
    assert f"事件 {archive[4].pk}" in broken
    assert "删除" in broken


def test_a_deleted_chain_is_missed_by_the_head(archive):
    tamper("DELETE FROM ledger_event WHERE chain = %s", "XF-1")
    broken = verify_ledger().broken
    assert "链头 1" in broken
    assert "共 6 条，现在只读到 4 条" in broken


def test_an_inserted_row_is_named(archive):
    tamper(
        "INSERT INTO ledger_event (chain, position, verb, role, at, payload, previous_hash, hash) "
        "SELECT chain, position + 2, verb, role, at, payload, previous_hash, hash FROM ledger_event WHERE id = %s",
        archive[11].pk,
    )
    assert f"事件 {archive[11].pk + 1}" in verify_ledger().broken


def test_rows_that_changed_places_are_named(archive):
    """The third and the sixth event are of one case."""
    first, second = archive[2].pk, archive[5].pk
    for old, new in ((first, 1_000_000), (second, first), (1_000_000, second)):
        tamper("UPDATE ledger_event SET id = %s WHERE id = %s", new, old)
    assert f"事件 {first}" in verify_ledger().broken


def test_the_loss_of_the_newest_rows_is_seen_by_their_head(archive):
    tamper("DELETE FROM ledger_event WHERE id > %s", archive[8].pk)
    broken = verify_ledger().broken
    assert "链头 2" in broken
    assert f"共 12 条，现在只读到 9 条，最后是事件 {archive[8].pk}" in broken


def test_the_loss_of_the_newest_rows_and_of_their_head_is_seen_by_its_file(archive):
    tamper("DELETE FROM ledger_event WHERE id > %s", archive[5].pk)
    tamper("DELETE FROM ledger_head WHERE number = %s", 2)
    broken = verify_ledger().broken
    assert "没有链头 2" in broken
    assert "共 12 条" in broken


def test_a_forged_head_has_no_signature(archive):
    tamper("UPDATE ledger_head SET event_count = 5 WHERE number = %s", 1)
    assert "链头 1 的签名" in verify_ledger().broken


def test_a_missing_head_is_named(archive):
    tamper("DELETE FROM ledger_head WHERE number = %s", 1)
    assert "链头 1 不见了" in verify_ledger().broken


def test_a_changed_head_file_is_named(archive, tmp_path):
    path = tmp_path / "heads" / "00000001.json"
    path.chmod(0o644)
    content = json.loads(path.read_text())
    path.write_text(json.dumps(content | {"event_count": 7}))
    assert "00000001.json 的签名" in verify_ledger().broken
    path.write_text("{")
    assert "00000001.json 无法读取" in verify_ledger().broken


def test_a_head_file_proves_itself_with_the_public_key_alone(archive, tmp_path):
    content = json.loads((tmp_path / "heads" / "00000002.json").read_text())
    signature, key = content.pop("signature"), content.pop("public_key")
    assert sealing.is_signed(content, signature, key)
    assert not sealing.is_signed(content | {"event_count": 11}, signature, key)
    assert (content["event_count"], content["last_event"]) == (12, archive[11].pk)


def test_a_lost_head_file_is_written_again_by_the_next_sealing(archive, tmp_path):
    (tmp_path / "heads" / "00000002.json").unlink()
    assert seal_ledger(at=AT) is None, "nothing new to sign"
    assert (tmp_path / "heads" / "00000002.json").exists()


def test_what_came_after_the_last_head_waits_for_the_next(archive):
    with transaction.atomic():
        record_events(
            entries=[Entry(chain="XF-1", verb="deadline.moved"), Entry(chain="XF-9", verb="a")], at=AT
        )
    result = verify_ledger()
    assert (result.broken, result.events, result.unsealed) == (None, 14, 2)
    assert Event.objects.filter(chain="XF-1").order_by("-position").first().position == 5

    assert seal_ledger(at=AT).number == 3
    assert verify_ledger().unsealed == 0


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE ledger_event SET verb = 'x'",
        "DELETE FROM ledger_event",
        "UPDATE ledger_head SET event_count = 0",
        "DELETE FROM ledger_head",
    ],
)
def test_the_database_refuses_change_and_loss(archive, statement):
    with (
        pytest.raises(DatabaseError, match="never changed"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)
    assert verify_ledger().broken is None


@pytest.mark.server
def test_postgresql_refuses_truncation(archive):
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    for table in ("ledger_event", "ledger_head"):
        with (
            pytest.raises(DatabaseError, match="never changed"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(f"TRUNCATE {table}")


def test_the_command_says_so_and_exits_with_1(archive, capsys):
    call_command("verify_ledger")
    out = capsys.readouterr().out
    assert "12 条事件" in out
    assert sealing.public_key() in out

    tamper("UPDATE ledger_event SET verb = 'x' WHERE id = %s", archive[0].pk)
    with pytest.raises(SystemExit) as stopped:
        call_command("verify_ledger")
    assert stopped.value.code == 1
    assert f"事件 {archive[0].pk}" in capsys.readouterr().err


@pytest.mark.django_db(transaction=True)
def test_events_share_the_transaction_of_their_change():
    with pytest.raises(RuntimeError):
        record_event(chain="XF-1", verb="repair.submitted", at=AT)
    with pytest.raises(RuntimeError):
        record_events(entries=[Entry(chain="XF-1", verb="repair.submitted")], at=AT)
