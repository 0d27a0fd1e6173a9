"""Every command of the portal on a database that is not ready: one plain sentence, exit 2, nothing half done."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.management import get_commands, load_command_class

from applications.commands import PortalCommand

ROOT = Path(__file__).resolve().parents[1]
NOT_MIGRATED = "数据库尚未迁移完成，请先执行 python manage.py migrate。\n"
NOT_REACHED = "数据库连接不上，请检查 DATABASE_URL 和数据库服务。\n"
OURS = sorted(name for name, app in get_commands().items() if str(app).startswith("applications."))
ARGUMENTS = {
    "import_records": ["records.csv", "--organ", "nj-scjg"],
    "load_calendar": ["notice.txt"],
    "make_province": ["--subjects", "1", "--records", "1", "--cases", "1", "--seed", "1"],
    "replay": ["--policy", "jiangsu-2020-4"],
    "create_installation": ["--email", "chen@js.example.cn"],
    "signing_key": ["nj-scjg", "--withdraw"],
}
# Makes its databases itself, and migrates them.
OWN_DATABASE = {"rehearse"}
NOTICE = "关于2026年部分节假日安排的通知\n国庆节：10月1日至7日放假调休，共7天。9月20日、10月10日上班。\n"


def run(tmp_path: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    (tmp_path / "records.csv").write_text("x\n")
    (tmp_path / "notice.txt").write_text(NOTICE)
    return subprocess.run(
        [sys.executable, str(ROOT / "manage.py"), *arguments],
        cwd=tmp_path,
        env={"PATH": os.environ["PATH"], "DATA_DIR": str(tmp_path / "data"), **environment},
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
    )


def served(tmp_path: Path) -> dict[str, str]:
    """The served mode, with a database server that is not there."""
    names = ("SECRET_KEY", "FIELD_KEY", "LEDGER_KEY", "PLATFORM_KEY")
    keys = {name: f"{name}-of-a-test-0123456789012345678901234567890123456789" for name in names}
    return {
        "DATABASE_URL": "postgres://nobody:nothing@127.0.0.1:1/portal",
        "ALLOWED_HOSTS": "localhost",
    } | keys


def refusal(result: subprocess.CompletedProcess[str]) -> str:
    assert (result.returncode, result.stdout) == (2, "")
    return result.stderr


def test_every_command_is_one_of_the_portal():
    assert len(OURS) >= 12
    for name in OURS:
        assert isinstance(load_command_class(get_commands()[name], name), PortalCommand), name


@pytest.mark.parametrize("name", sorted(set(OURS) - OWN_DATABASE))
def test_on_a_database_that_is_not_migrated(tmp_path, name):
    assert refusal(run(tmp_path, name, *ARGUMENTS.get(name, []))) == NOT_MIGRATED


@pytest.mark.parametrize("name", ["sweep_deadlines", "import_records"])
def test_on_a_database_that_cannot_be_reached(tmp_path, name):
    assert refusal(run(tmp_path, name, *ARGUMENTS.get(name, []), **served(tmp_path))) == NOT_REACHED


def test_the_commands_of_django_that_the_documentation_names(tmp_path):
    assert refusal(run(tmp_path, "migrate", **served(tmp_path))) == NOT_REACHED


def test_what_needs_no_database_runs_without_one(tmp_path):
    assert "示例" in run(tmp_path, "load_sample", "--accounts", **served(tmp_path) | {"DEBUG": "0"}).stdout
    dry = run(tmp_path, "load_calendar", "notice.txt", "--dry-run", **served(tmp_path))
    assert dry.returncode == 0
    assert json.loads(dry.stdout)["year"] == 2026
    assert dry.stderr == (
        "改变0天，变动0个进行中的期限。\n"
        f"{NOT_REACHED.rstrip()}以上只与系统附带的日历比较，没有核对进行中的期限。\n"
        "仅供查看，没有提交。\n"
    )


def test_a_setting_that_cannot_be_used_is_one_sentence(tmp_path):
    environment = served(tmp_path) | {"LEDGER_KEY": ""}
    said = refusal(run(tmp_path, "sweep_deadlines", **environment))
    assert "LEDGER_KEY" in said and said.count("\n") == 1


def test_an_error_at_the_terminal_is_its_sentence_alone(tmp_path):
    said = refusal(run(tmp_path, "load_calendar", "nowhere.txt", "--dry-run"))
    assert said == "无法读取文件 nowhere.txt：No such file or directory。\n"
