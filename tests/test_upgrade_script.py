"""script/upgrade before a migration: what takes away what the running code uses is not begun beside it (ADR 0023)."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db.migrations.recorder import MigrationRecorder

ROOT = Path(__file__).resolve().parents[1]

# Writes down how it was called; a portal runs, and its migration fails, which ends the upgrade there.
DOCKER = """#!/bin/sh
echo "$*" >>"$CALLS"
case "$*" in
  *--plan) cat "$PLAN" ;;
  "compose ps"*) echo 0123456789ab ;;
  "compose run"*) exit 1 ;;
esac
"""


@pytest.fixture
def upgrade(tmp_path):
    """Runs the script with the plan of the migrations that it would find; its output, and docker's commands."""
    (tmp_path / "script").mkdir()
    shutil.copy(ROOT / "script/upgrade", tmp_path / "script/upgrade")
    (tmp_path / ".env").touch()
    docker = tmp_path / "docker"
    docker.write_text(DOCKER)
    docker.chmod(0o755)

    def run(plan: str, *arguments: str) -> tuple[int, str, list[str]]:
        calls = tmp_path / "calls"
        calls.write_text("")
        (tmp_path / "plan").write_text(plan)
        done = subprocess.run(
            [tmp_path / "script/upgrade", *arguments],
            env=os.environ
            | {
                "PATH": f"{tmp_path}:{os.environ['PATH']}",
                "CALLS": str(calls),
                "PLAN": str(tmp_path / "plan"),
            },
            capture_output=True,
            text=True,
        )
        return done.returncode, done.stdout + done.stderr, calls.read_text().splitlines()

    return run


def migrated(calls: list[str]) -> bool:
    return "compose run --rm --no-deps -T migrate" in calls


@pytest.fixture
def plan_of_all(db, monkeypatch, capsys) -> str:
    """As Django writes it for a database without any migration."""
    monkeypatch.setattr(MigrationRecorder, "applied_migrations", lambda self: {})
    call_command("migrate", plan=True)
    return capsys.readouterr().out


def test_what_takes_something_away_wants_a_stop(upgrade, plan_of_all):
    assert "Remove field applicant from repaircase" in plan_of_all
    status, said, calls = upgrade(plan_of_all)
    assert status == 2 and "script/upgrade --stop" in said and "CHANGELOG.md" in said
    assert not migrated(calls) and not any(call.startswith("compose stop") for call in calls)


def test_what_only_adds_goes_beside_what_runs(upgrade):
    status, said, calls = upgrade(
        "Planned operations:\nrepairs.0007_more\n    Add field more to repaircase\n"
    )
    assert migrated(calls) and not any(call.startswith("compose stop") for call in calls)
    assert status == 1 and "没有变动" in said


def test_with_a_stop_nothing_is_started_on_a_database_that_is_migrated_in_part(upgrade, plan_of_all):
    status, said, calls = upgrade(plan_of_all, "--stop")
    stop, migrate = "compose stop web worker renderer runner beat", "compose run --rm --no-deps -T migrate"
    assert calls.index(stop) < calls.index(migrate) == len(calls) - 1
    assert status == 1 and "网站停着" in said and "旧版不能再用" in said and "没有变动" not in said
