"""Whatever somebody who owns the database does to the archive afterwards, the verification says where."""

import json
import shutil
from datetime import timedelta
from pathlib import Path

import pytest
import time_machine
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction

from applications.ledger import sealing
from applications.ledger.models import Event, Head, HeadExport
from applications.ledger.sealing import seal_ledger
from applications.ledger.services import Entry, record_event, record_events
from applications.ledger.verification import verify_ledger
from applications.notifications.faults import faults_in_sight
from applications.notifications.models import Fault
from tests.ledger.archive import AT, MINUTE, NOW, add_event, tamper


def test_an_untouched_archive_is_complete(archive):
    result = verify_ledger(at=NOW)
    assert result.broken is None
    assert (result.events, result.chains, result.heads, result.unsealed) == (12, 3, 2, 0)


def test_an_empty_archive_is_complete(db):
    assert verify_ledger(at=NOW).broken is None
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
    assert f"事件 {archive[4].pk}" in verify_ledger(at=NOW).broken


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
    assert "链头 1" in verify_ledger(at=NOW).broken


def test_a_deleted_row_is_missed_at_the_next_of_its_chain(archive):
    tamper("DELETE FROM ledger_event WHERE id = %s", archive[1].pk)
    broken = verify_ledger(at=NOW).broken
    assert f"事件 {archive[4].pk}" in broken
    assert "删除" in broken


def test_a_deleted_chain_is_missed_by_the_head(archive):
    tamper("DELETE FROM ledger_event WHERE chain = %s", "XF-1")
    broken = verify_ledger(at=NOW).broken
    assert "链头 1" in broken
    assert "共 6 条，现在只读到 4 条" in broken


def test_an_inserted_row_is_named(archive):
    tamper(
        "INSERT INTO ledger_event (chain, position, verb, role, at, payload, previous_hash, hash) "
        "SELECT chain, position + 2, verb, role, at, payload, previous_hash, hash FROM ledger_event WHERE id = %s",
        archive[11].pk,
    )
    assert f"事件 {archive[11].pk + 1}" in verify_ledger(at=NOW).broken


def test_rows_that_changed_places_are_named(archive):
    """The third and the sixth event are of one case."""
    first, second = archive[2].pk, archive[5].pk
    for old, new in ((first, 1_000_000), (second, first), (1_000_000, second)):
        tamper("UPDATE ledger_event SET id = %s WHERE id = %s", new, old)
    assert f"事件 {first}" in verify_ledger(at=NOW).broken


def test_the_loss_of_the_newest_rows_is_seen_by_their_head(archive):
    tamper("DELETE FROM ledger_event WHERE id > %s", archive[8].pk)
    broken = verify_ledger(at=NOW).broken
    assert "链头 2" in broken
    assert f"共 12 条，现在只读到 9 条，最后是事件 {archive[8].pk}" in broken


def test_the_loss_of_the_newest_rows_and_of_their_head_is_seen_by_its_file(archive):
    tamper("DELETE FROM ledger_event WHERE id > %s", archive[5].pk)
    tamper("DELETE FROM ledger_head WHERE number = %s", 2)
    broken = verify_ledger(at=NOW).broken
    assert "没有链头 2" in broken
    assert "共 12 条" in broken


def test_a_forged_head_has_no_signature(archive):
    tamper("UPDATE ledger_head SET event_count = 5 WHERE number = %s", 1)
    assert "链头 1 的签名" in verify_ledger(at=NOW).broken


def test_a_missing_head_is_named(archive):
    tamper("DELETE FROM ledger_head WHERE number = %s", 1)
    assert "链头 1 不见了" in verify_ledger(at=NOW).broken


def test_a_changed_head_file_is_named(archive, tmp_path):
    path = tmp_path / "heads" / "2026-11" / "00000001.json"
    path.chmod(0o644)
    content = json.loads(path.read_text())
    path.write_text(json.dumps(content | {"event_count": 7}))
    assert "00000001.json 的签名" in verify_ledger(at=NOW).broken
    path.write_text("{")
    assert "00000001.json 无法读取" in verify_ledger(at=NOW).broken


def test_a_head_file_proves_itself_with_the_public_key_alone(archive, tmp_path):
    content = json.loads((tmp_path / "heads" / "2026-11" / "00000002.json").read_text())
    signature, key = content.pop("signature"), content.pop("public_key")
    assert sealing.is_signed(content, signature, key)
    assert not sealing.is_signed(content | {"event_count": 11}, signature, key)
    assert (content["event_count"], content["last_event"]) == (12, archive[11].pk)


@pytest.mark.parametrize("number", [1, 2])
def test_a_lost_head_file_stays_lost_until_people_have_looked_into_it(archive, tmp_path, number):
    name = f"2026-11/{number:08d}.json"
    (tmp_path / "heads" / name).unlink()
    (tmp_path / "heads" / "2026-11" / "stray.json").write_text("{}")
    add_event(at=NOW)
    assert seal_ledger(at=NOW).number == 3
    assert seal_ledger(at=NOW + MINUTE) is None
    assert verify_ledger(at=NOW + MINUTE).broken == f"链头文件 {name} 不见了"
    (tmp_path / "heads" / "2026-11" / "stray.json").unlink()

    with time_machine.travel(NOW + MINUTE, tick=False):
        call_command("restore_head_files")
    assert verify_ledger(at=NOW + MINUTE).broken is None
    assert Event.objects.get(verb="ledger.files_restored").payload == {
        "count": 1,
        "first": number,
        "last": number,
    }


def test_the_loss_of_the_newest_head_file_is_an_alarm(archive, tmp_path):
    (tmp_path / "heads" / "2026-11" / "00000002.json").unlink()
    seal_ledger(at=NOW)
    assert Fault.objects.get().row == "2026-11/00000002.json"
    assert faults_in_sight(NOW) == 1


def test_a_file_in_anothers_place_is_never_written_over(archive, tmp_path):
    """As after a restored backup: the head's number was given before."""
    foreign = tmp_path / "heads" / "2026-11" / "00000003.json"
    foreign.write_text("{}")
    add_event(at=NOW)
    seal_ledger(at=NOW)
    assert foreign.read_text() == "{}"
    assert Fault.objects.get().row == "2026-11/00000003.json"
    assert "00000003.json 无法读取" in verify_ledger(at=NOW + 2 * MINUTE).broken


def test_the_flat_folder_of_earlier_versions_is_read_and_not_written_again(archive, tmp_path):
    folder = tmp_path / "heads"
    for path in list((folder / "2026-11").iterdir()):
        path.rename(folder / path.name)
    HeadExport.objects.all().delete()
    add_event(at=NOW)
    seal_ledger(at=NOW)
    assert sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*.json")) == [
        "00000001.json",
        "00000002.json",
        "2026-11/00000003.json",
    ]
    assert verify_ledger(at=NOW + 2 * MINUTE).broken is None
    (folder / "00000001.json").unlink()
    assert verify_ledger(at=NOW + 2 * MINUTE).broken == "链头文件 2026-11/00000001.json 不见了"


def test_a_head_file_in_the_wrong_month_is_named(archive, tmp_path):
    folder = tmp_path / "heads"
    (folder / "2026-10").mkdir()
    shutil.copy(folder / "2026-11" / "00000002.json", folder / "2026-10")
    assert "链头文件 2026-10/00000002.json 不在其位" in verify_ledger(at=NOW).broken


def test_what_came_after_the_last_head_waits_for_the_next(archive):
    with transaction.atomic():
        record_events(
            entries=[Entry(chain="XF-1", verb="deadline.moved"), Entry(chain="XF-9", verb="a")], at=NOW
        )
    result = verify_ledger(at=NOW + MINUTE)
    assert (result.broken, result.overdue, result.events, result.unsealed) == (None, None, 14, 2)
    assert Event.objects.filter(chain="XF-1").order_by("-position").first().position == 5

    assert seal_ledger(at=NOW + MINUTE).number == 3
    assert verify_ledger(at=NOW + 9 * MINUTE).unsealed == 0


def test_events_that_should_have_been_sealed_are_a_finding_of_their_own(archive, capsys):
    add_event(at=NOW)
    add_event(at=NOW + MINUTE)
    result = verify_ledger(at=NOW + MINUTE + timedelta(seconds=1))
    assert result.broken is None
    assert f"自事件 {archive[11].pk + 1} 起的 2 条事件早已应当签名而没有签名" in result.overdue

    with time_machine.travel(NOW + 2 * MINUTE, tick=False), pytest.raises(SystemExit) as stopped:
        call_command("verify_ledger")
    assert stopped.value.code == 1
    said = capsys.readouterr()
    assert "台账完整" in said.out
    assert "签名没有跟上" in said.err


def test_beat_asks_often_enough_to_seal_within_the_time_that_verification_allows(settings):
    asked = timedelta(seconds=settings.CELERY_BEAT_SCHEDULE["seal-ledger"]["schedule"])
    assert sealing.SPACING + asked < sealing.SEALED_WITHIN


def test_heads_keep_their_distance(archive):
    add_event(at=NOW)
    assert seal_ledger(at=NOW).number == 3
    add_event(at=NOW + timedelta(seconds=1))
    assert seal_ledger(at=NOW + timedelta(seconds=40)) is None
    assert seal_ledger(at=NOW + timedelta(seconds=50)).number == 4


def test_heads_from_before_they_were_linked_stand_by_themselves(archive, tmp_path):
    """As the archive looks after the upgrade: two heads without a link, signed so; the third names the second."""
    tamper("DELETE FROM ledger_head WHERE number > %s", 0)
    shutil.rmtree(tmp_path / "heads")
    HeadExport.objects.all().delete()
    for number, (event, count) in enumerate([(archive[5], 6), (archive[11], 12)], start=1):
        root = sealing.GENESIS
        for each in archive[:count]:
            root = sealing.add_to_root(root, each.hash)
        old = Head(number=number, last_event=event.pk, event_count=count, root=root, signed_at=AT)
        old.signature = sealing.private_key().sign(sealing._bytes(sealing.statement(old))).hex()
        old.save()
    add_event(at=NOW)
    assert seal_ledger(at=NOW).previous
    assert verify_ledger(at=NOW).broken is None
    tamper("UPDATE ledger_head SET event_count = 5 WHERE number = 1")
    assert verify_ledger(at=NOW).broken == "链头 1 的签名与内容不符"


def test_no_partial_file_stays_where_the_disk_is_full(archive, tmp_path, monkeypatch):
    add_event(at=NOW)

    def full(path, text):
        path.touch()
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_text", full)
    with pytest.raises(OSError, match="No space"):
        seal_ledger(at=NOW)
    assert sorted(path.name for path in (tmp_path / "heads" / "2026-11").iterdir()) == [
        "00000001.json",
        "00000002.json",
    ]
    monkeypatch.undo()
    # Signed it is; the file follows.
    assert seal_ledger(at=NOW + MINUTE) is None
    assert verify_ledger(at=NOW + 9 * MINUTE).broken is None


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
    assert verify_ledger(at=NOW).broken is None


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
