"""python manage.py rehearse, as whoever runs the system starts it."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.management import call_command

ROOT = Path(__file__).resolve().parents[2]


def rehearse(tmp_path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "manage.py", "rehearse", *arguments],
        cwd=ROOT,
        env=os.environ | {"DATA_DIR": str(tmp_path), "DJANGO_SETTINGS_MODULE": "credit_repair.settings"},
        capture_output=True,
        text=True,
        timeout=300,
    )


@pytest.mark.long
def test_it_counts_and_finds_no_difference(tmp_path):
    ended = rehearse(tmp_path, "--days=10", "--cases=7", "--seed=5")
    assert ended.returncode == 0, ended.stderr + ended.stdout
    lines = ended.stdout.splitlines()
    assert lines[-1].startswith("差异 0 处，用时 ")
    _, _, counts = next(line for line in lines if line.startswith("办件：")).partition("：")
    assert sum(int(part.split()[-1]) for part in counts.split("，")) == 7
    assert {"期限·受理答复", "提醒与上报", "共享推送", "台账"} <= {line.partition("：")[0] for line in lines}
    # The portal's own database was not even made.
    assert not list(tmp_path.glob("**/*.sqlite3"))


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--days=0"], "--days 应为1至470的整数，不能是0。"),
        (["--days=471"], "--days 应为1至470的整数，不能是471。"),
        (["--cases=-3"], "--cases 应为1至100000的整数，不能是-3。"),
    ],
)
def test_a_wrong_number_is_named(capsys, arguments, sentence):
    with pytest.raises(SystemExit) as ended:
        call_command("rehearse", *arguments)
    assert ended.value.code == 2
    printed = capsys.readouterr()
    assert (printed.out, printed.err.strip()) == ("", sentence)
