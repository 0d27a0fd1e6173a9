"""One list of checks: the commit hooks run what CI runs."""

import subprocess
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parents[1]


def names() -> list[str]:
    listed = subprocess.run(["script/lint", "--list"], cwd=ROOT, capture_output=True, text=True, check=True)
    return listed.stdout.split()


def test_the_hooks_are_the_checks():
    config = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text())
    assert [repository["repo"] for repository in config["repos"]] == ["local"]
    [hooks] = [repository["hooks"] for repository in config["repos"]]
    assert [(hook["id"], hook["entry"]) for hook in hooks] == [
        (name, f"script/lint {name}") for name in names()
    ]
    # A hook looks at the whole, as CI does, and not at the changed files alone.
    assert all(hook["pass_filenames"] is False and hook["language"] == "system" for hook in hooks)


def test_ci_runs_every_check():
    assert "for name in $(script/lint --list)" in (ROOT / "script/test").read_text()


def test_a_check_that_does_not_exist_is_named():
    refused = subprocess.run(["script/lint", "spelling"], cwd=ROOT, capture_output=True, text=True)
    assert refused.returncode == 2
    assert "没有这项检查 spelling" in refused.stderr
