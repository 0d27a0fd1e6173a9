"""What an operator relies on when starting the served mode: docker-compose.yml, Dockerfile, nginx, settings."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from credit_repair.celery import app as celery_app

ROOT = Path(__file__).resolve().parent.parent
COMPOSE_TEXT = (ROOT / "docker-compose.yml").read_text()
COMPOSE = yaml.safe_load(COMPOSE_TEXT)
SERVICES = COMPOSE["services"]
ONE_SHOT = {"migrate"}
# What must stay secret: a default known to everybody would let everybody in.
SECRETS = {
    "SECRET_KEY",
    "FIELD_KEY",
    "LEDGER_KEY",
    "PLATFORM_KEY",
    "POSTGRES_PASSWORD",
    "REDIS_PASSWORD",
    "TLS_CERTIFICATE",
    "TLS_KEY",
}


def command(service: str) -> str:
    given = SERVICES[service].get("command", "")
    return given if isinstance(given, str) else " ".join(given)


def test_every_part_is_there():
    assert set(SERVICES) == {
        "nginx",
        "web",
        "worker",
        "renderer",
        "beat",
        "migrate",
        "postgres",
        "redis",
        "sandbox",
    }


def test_every_queue_has_a_worker():
    queues = {queue.name for queue in celery_app.conf.task_queues} | {celery_app.conf.task_default_queue}
    routed = {route["queue"] for route in celery_app.conf.task_routes.values()}
    consumed = set()
    for service in SERVICES:
        if " worker" in command(service):
            consumed.update(re.search(r"--queues (\S+)", command(service)).group(1).split(","))
    assert consumed == queues | routed


def test_exactly_one_beat_and_none_inside_a_worker():
    assert [service for service in SERVICES if " beat" in command(service)] == ["beat"]
    assert not [service for service in SERVICES if re.search(r"\s(-B|--beat)\b", command(service))]
    assert "replicas" not in SERVICES["beat"].get("deploy", {}) and "scale" not in SERVICES["beat"]


@pytest.mark.parametrize("name", sorted(SECRETS))
def test_a_missing_secret_stops_the_start_with_a_sentence_that_names_it(name):
    uses = re.findall(rf"\$\{{{name}\b([^}}]*)\}}", COMPOSE_TEXT)
    assert uses
    for use in uses:
        assert use.startswith(":?") and name in use and "请" in use


def test_no_value_that_must_be_filled_in_has_a_default():
    defaults = dict(re.findall(r"\$\{(\w+):-([^}]*)\}", COMPOSE_TEXT))
    assert defaults == {
        "EMAIL_PORT": "587",
        "EMAIL_USE_TLS": "1",
        "EMAIL_HOST_USER": "",
        "EMAIL_HOST_PASSWORD": "",
    }


def test_the_example_file_names_every_variable_and_fills_in_no_secret():
    lines = [line for line in (ROOT / "deploy/env.example").read_text().splitlines() if line[:1].isalpha()]
    example = dict(line.split("=", 1) for line in lines)
    assert set(example) == set(re.findall(r"(?<!\$)\$\{(\w+)", COMPOSE_TEXT))
    assert {name: example[name] for name in SECRETS} == dict.fromkeys(SECRETS, "")


@pytest.mark.parametrize("service", sorted(set(SERVICES) - ONE_SHOT))
def test_every_lasting_service_is_watched(service):
    check = SERVICES[service]["healthcheck"]
    assert check["test"][0] in {"CMD", "CMD-SHELL"} and {"interval", "timeout", "retries"} <= set(check)
    assert SERVICES[service]["restart"] == "unless-stopped"


@pytest.mark.parametrize("service", ["web", "worker", "renderer", "beat"])
def test_nothing_starts_before_the_migrations_are_done(service):
    waits = {name: how["condition"] for name, how in SERVICES[service]["depends_on"].items()}
    assert waits == {
        "postgres": "service_healthy",
        "redis": "service_healthy",
        "migrate": "service_completed_successfully",
    }
    assert SERVICES["migrate"]["restart"] == "no"


def test_only_the_proxy_is_reachable_from_outside():
    assert [name for name, service in SERVICES.items() if "ports" in service] == ["nginx"]
    assert COMPOSE["networks"]["inside"] == {"internal": True}
    for service in ("postgres", "redis", "beat"):
        assert SERVICES[service]["networks"] == ["inside"]


def test_the_proxy_cannot_serve_peoples_files():
    mounted = [volume.split(":")[0] for volume in SERVICES["nginx"]["volumes"]]
    assert mounted == ["./deploy/nginx.conf.template"]
    configuration = (ROOT / "deploy/nginx.conf.template").read_text()
    assert not re.search(r"^\s*(root|alias|autoindex)\b", configuration, re.MULTILINE)


def test_the_proxy_replaces_what_visitors_claim_about_themselves():
    configuration = (ROOT / "deploy/nginx.conf.template").read_text()
    assert "proxy_set_header X-Forwarded-For $remote_addr;" in configuration
    assert "proxy_set_header X-Forwarded-Proto https;" in configuration


def test_volumes_are_named_and_used():
    used = {
        volume.split(":")[0] for service in SERVICES.values() for volume in service.get("volumes", [])
    } - {"./deploy/nginx.conf.template"}
    assert used == set(COMPOSE["volumes"])


def test_images_and_packages_are_pinned():
    images = [service["image"] for service in SERVICES.values() if "build" not in service]
    images += re.findall(r"^FROM (\S+)", (ROOT / "Dockerfile").read_text(), re.MULTILINE)
    assert all(re.search(r":\d+\.\d+\.\d+", image) for image in images if not image.startswith("postgres:"))
    assert [image for image in images if image.startswith("postgres:")] == ["postgres:17.6-bookworm"]
    for line in (ROOT / "requirements.txt").read_text().splitlines():
        assert line.startswith("#") or re.fullmatch(r"[A-Za-z0-9._-]+(\[\w+\])?==[\w.]+", line), line


def test_the_image_runs_without_privileges_and_can_write_chinese():
    dockerfile = (ROOT / "Dockerfile").read_text()
    assert re.findall(r"^USER (\S+)", dockerfile, re.MULTILINE) == ["portal"]
    assert "fonts-wqy-microhei" in dockerfile
    for service in ("web", "worker", "renderer", "beat", "migrate", "sandbox"):
        assert SERVICES[service]["cap_drop"] == ["ALL"] and SERVICES[service]["read_only"] is True


def test_the_image_has_the_system_packages_that_setup_installs():
    in_setup = re.search(r"^  need (libpango.*)$", (ROOT / "script/setup").read_text(), re.MULTILINE).group(1)
    assert in_setup in (ROOT / "Dockerfile").read_text()


@pytest.mark.parametrize("missing", ["SECRET_KEY", "FIELD_KEY", "LEDGER_KEY", "PLATFORM_KEY"])
def test_the_portal_itself_refuses_to_start_without_a_secret(missing, tmp_path):
    environment = {
        "PATH": os.environ["PATH"],
        "DATA_DIR": str(tmp_path),
        "DATABASE_URL": "postgres://portal@127.0.0.1:1/portal",
        **dict.fromkeys(("SECRET_KEY", "FIELD_KEY", "LEDGER_KEY", "PLATFORM_KEY"), "x" * 60),
    }
    del environment[missing]
    result = subprocess.run(
        [sys.executable, "-c", "import credit_repair.settings"],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
    )
    assert result.returncode != 0
    assert f"环境变量 {missing} 未设置" in result.stderr
