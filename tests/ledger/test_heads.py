"""Heads, their files and copies elsewhere: what is missing or was changed is named."""

import json
import shutil
from datetime import timedelta
from pathlib import Path

import pytest
import time_machine
from django.core.management import CommandError, call_command

from applications.ledger.sealing import seal_ledger
from applications.ledger.verification import verify_ledger
from tests.ledger.archive import AT, MINUTE, NOW, add_event, tamper


@pytest.fixture
def heads(archive, tmp_path) -> list[str]:
    """Two more heads after the archive's two; the names of all files."""
    for number in (1, 2):
        add_event(at=AT + timedelta(hours=11, minutes=number))
        seal_ledger(at=AT + timedelta(hours=11, minutes=number))
    assert verify_ledger(at=NOW).broken is None
    return sorted(f"2026-11/{path.name}" for path in (tmp_path / "heads" / "2026-11").glob("*.json"))


@pytest.fixture
def copies(heads, tmp_path) -> Path:
    """What somebody else has copied: every head, in a folder of their own making."""
    folder = tmp_path / "elsewhere"
    shutil.copytree(tmp_path / "heads", folder)
    return folder


@pytest.mark.parametrize(
    ("number", "said"),
    [
        (1, "链头 1 不见了（其后是链头 2）"),
        (2, "链头 2 不见了（其后是链头 3）"),
        (4, "数据库中没有链头 4"),
    ],
)
def test_a_missing_head_row_is_named_wherever_it_was(heads, number, said):
    tamper("DELETE FROM ledger_head WHERE number = %s", number)
    assert said in verify_ledger(at=NOW).broken


@pytest.mark.parametrize("number", [1, 2, 4])
def test_a_missing_head_file_is_named_wherever_it_was(heads, tmp_path, number):
    (tmp_path / "heads" / heads[number - 1]).unlink()
    assert verify_ledger(at=NOW).broken == f"链头文件 {heads[number - 1]} 不见了"


def test_a_head_that_was_signed_just_now_may_wait_for_its_file(heads, tmp_path):
    signed_at = AT + timedelta(hours=11, minutes=2)
    (tmp_path / "heads" / heads[3]).unlink()
    assert verify_ledger(at=signed_at + MINUTE).broken is None


def test_the_newest_head_gone_with_its_file_leaves_its_events_unsealed(heads, tmp_path):
    tamper("DELETE FROM ledger_head WHERE number = %s", 4)
    (tmp_path / "heads" / heads[3]).unlink()
    result = verify_ledger(at=NOW)
    assert result.broken is None
    assert "1 条事件早已应当签名而没有签名" in result.overdue


def remove_the_newest(archive, tmp_path, heads) -> None:
    """Events, heads and head files after the first head, as if they had never been."""
    tamper("DELETE FROM ledger_event WHERE id > %s", archive[5].pk)
    tamper("DELETE FROM ledger_head WHERE number > %s", 1)
    for name in heads[1:]:
        (tmp_path / "heads" / name).unlink()


def test_the_newest_gone_without_a_trace_is_seen_by_an_outside_copy(archive, heads, copies, tmp_path):
    remove_the_newest(archive, tmp_path, heads)
    assert verify_ledger(at=NOW).broken is None, "nothing here can tell"
    broken = verify_ledger(at=NOW, copies=copies).broken
    assert "数据库中没有链头 2：外部副本 2026-11/00000002.json" in broken
    assert "共 12 条" in broken


def test_what_was_sealed_anew_after_a_removal_is_seen_by_an_outside_copy(archive, heads, copies, tmp_path):
    """Even with the ledger's key, which makes all that is here agree."""
    remove_the_newest(archive, tmp_path, heads)
    add_event(at=NOW)
    seal_ledger(at=NOW)
    assert verify_ledger(at=NOW).broken is None, "nothing here can tell"
    assert verify_ledger(at=NOW, copies=copies).broken == "链头 2 与外部副本 2026-11/00000002.json 不符"


def test_outside_copies_that_agree(heads, copies):
    (copies / heads[0]).rename(copies / "saved by hand.json")
    (copies / heads[1]).unlink()
    assert verify_ledger(at=NOW, copies=copies).broken is None


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"\0\xff",
        b"[]",
        b"null",
        b"[" * 100_000,
        b'{"signature": 1, "public_key": 2, "number": []}',
    ],
)
def test_an_outside_copy_that_says_nothing_is_named(heads, copies, content):
    (copies / "0.json").write_bytes(content)
    assert verify_ledger(at=NOW, copies=copies).broken == "外部副本 0.json 无法读取"


def test_an_outside_copy_that_is_forged_is_named(heads, copies):
    path = copies / heads[1]
    path.chmod(0o644)
    path.write_text(json.dumps(json.loads(path.read_text()) | {"number": 9}))
    assert verify_ledger(at=NOW, copies=copies).broken == f"外部副本 {heads[1]} 的签名与内容不符"


def test_the_command_compares_with_outside_copies(archive, heads, copies, tmp_path, capsys):
    with time_machine.travel(NOW, tick=False):
        call_command("verify_ledger", heads=copies)
        remove_the_newest(archive, tmp_path, heads)
        with pytest.raises(SystemExit) as stopped:
            call_command("verify_ledger", heads=copies)
    assert stopped.value.code == 1
    assert "外部副本 2026-11/00000002.json" in capsys.readouterr().err


def test_the_command_needs_copies_where_it_is_told_to_compare(heads, tmp_path):
    (tmp_path / "empty").mkdir()
    for folder in ("empty", "nowhere"):
        with pytest.raises(CommandError, match=folder) as refused:
            call_command("verify_ledger", heads=tmp_path / folder)
        assert refused.value.returncode == 2


def test_a_changed_head_is_named_though_only_the_newest_vouches_for_all(heads):
    tamper("UPDATE ledger_head SET signed_at = %s WHERE number = 2", NOW)
    assert verify_ledger(at=NOW).broken == "链头 2 的签名与内容不符"
