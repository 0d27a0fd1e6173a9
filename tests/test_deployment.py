"""What an operator relies on when starting the served mode: docker-compose.yml, Dockerfile, nginx, settings."""

import os
import re
import subprocess
import sys
from itertools import chain
from pathlib import Path

import pytest
import yaml
from django.core.management import CommandError, call_command
from django.db import migrations
from django.db.migrations.loader import MigrationLoader
from django.db.models import NOT_PROVIDED

from applications.files.bodies import MEGABYTE, body_limit
from credit_repair.celery import app as celery_app
from tests.files.test_bodies import views

ROOT = Path(__file__).resolve().parent.parent
COMPOSE_TEXT = (ROOT / "docker-compose.yml").read_text()
COMPOSE = yaml.safe_load(COMPOSE_TEXT)
SERVICES = COMPOSE["services"]
ONE_SHOT = {"migrate"}
NGINX = ROOT / "deploy/nginx/default.conf.template"
# What must stay secret: a default known to everybody would let everybody in.
SECRETS = {
    "SECRET_KEY",
    "FIELD_KEY",
    "LEDGER_KEY",
    "PLATFORM_KEY",
    "POSTGRES_PASSWORD",
    "POSTGRES_OWNER_PASSWORD",
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
        "runner",
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


def test_what_takes_long_holds_up_nothing_that_is_due():
    """A task with a limit of its own beyond all others' has a queue for such tasks alone."""
    celery_app.loader.import_default_modules()
    usual = celery_app.conf.task_time_limit
    queue_of = {
        name: celery_app.amqp.router.route({}, name)["queue"].name
        for name in celery_app.tasks
        if name.startswith("applications.")
    }
    long = {name for name in queue_of if (celery_app.tasks[name].time_limit or usual) > usual}
    assert long and long == {name for name, queue in queue_of.items() if queue == "long"}


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
        "CLAMD_ADDRESS": "",
        "FIELD_KEY_OLD": "",
        "DIGEST_KEY": "",
        "DIGEST_KEY_OLD": "",
        "DOCUMENT_KEY": "",
        "SIGNING_MODULE": "",
        "SIGNING_TOKEN": "",
        "SIGNING_PIN_FILE": "",
        "TSA_URL": "",
        "TSA_CERTIFICATES": "",
        "SMS_GATEWAY_URL": "",
        "SMS_GATEWAY_KEY": "",
        "EMAIL_HOST_USER": "",
        "EMAIL_HOST_PASSWORD": "",
        "PORTAL_TAG": "latest",
        "PYTHON_IMAGE": "python:3.11.13-slim-bookworm",
        "NGINX_IMAGE": "nginx:1.28.0-bookworm",
        "POSTGRES_IMAGE": "postgres:17.6-bookworm",
        "REDIS_IMAGE": "redis:7.2.10-bookworm",
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


@pytest.mark.parametrize("service", ["web", "worker", "renderer", "runner", "beat"])
def test_nothing_starts_before_the_migrations_are_done(service):
    waits = {name: how["condition"] for name, how in SERVICES[service]["depends_on"].items()}
    assert waits == {
        "postgres": "service_healthy",
        "redis": "service_healthy",
        "migrate": "service_completed_successfully",
    }
    assert SERVICES["migrate"]["restart"] == "no"


@pytest.mark.parametrize(
    ("failing", "code", "said"),
    [("", 0, ""), ("sweep_deadlines", 0, "数据库迁移已经完成"), ("migrate", 3, "")],
)
def test_only_a_failed_migration_stops_the_start(tmp_path, failing, code, said):
    """The step's own command line, with a python that notes what it is asked for."""
    (tmp_path / "python").write_text(
        '#!/bin/sh\necho "$2 ${PGOPTIONS:-waits for locks}"\n[ "$2" != "$FAILING" ] || exit 3\n'
    )
    (tmp_path / "python").chmod(0o755)
    done = subprocess.run(
        SERVICES["migrate"]["command"],
        env={
            "PATH": f"{tmp_path}:{os.environ['PATH']}",
            "FAILING": failing,
            "PGOPTIONS": SERVICES["migrate"]["environment"]["PGOPTIONS"],
        },
        capture_output=True,
        text=True,
    )
    assert done.returncode == code
    assert (said in done.stderr) if said else not done.stderr
    steps = ["migrate -c lock_timeout=10s", "sweep_deadlines waits for locks"]
    assert done.stdout.splitlines() == steps[: 1 if failing == "migrate" else 2]


def test_only_the_proxy_is_reachable_from_outside():
    assert [name for name, service in SERVICES.items() if "ports" in service] == ["nginx"]
    assert COMPOSE["networks"]["inside"] == {"internal": True}
    # Each portal has one address in the network in which nginx looks for it: two would be asked for one.
    assert SERVICES["web"]["networks"]["inside"] == {"aliases": ["portal"]}
    for service in ("postgres", "redis", "beat"):
        assert SERVICES[service]["networks"] == ["inside"]


def test_the_proxy_cannot_serve_peoples_files():
    mounted = [volume.split(":")[0] for volume in SERVICES["nginx"]["volumes"]]
    assert mounted == ["./deploy/nginx"]
    configuration = NGINX.read_text()
    assert not re.search(r"^\s*(root|alias|autoindex)\b", configuration, re.MULTILINE)


def test_the_proxy_replaces_what_visitors_claim_about_themselves():
    configuration = NGINX.read_text()
    assert "proxy_set_header X-Forwarded-For $remote_addr;" in configuration
    assert "proxy_set_header X-Forwarded-Proto https;" in configuration


def limits() -> list[tuple[re.Pattern[str], int]]:
    """The largest body in megabytes of each location, in the order in which nginx chooses."""
    found = re.findall(
        r"location ([~=] )?(\S+) \{\s+client_max_body_size (\d+)([km]);",
        NGINX.read_text().partition("rewrite ^")[2],
    )
    exact = [(re.compile(f"^{where}$"), int(size)) for how, where, size, _ in found if how == "= "]
    patterns = [(re.compile(where), int(size)) for how, where, size, _ in found if how == "~ "]
    words = {where: int(size) for how, where, size, unit in found if not how and unit == "m"}
    assert words == {"/posted/": 1}
    return [*exact, *patterns, (re.compile("^/posted/"), 1)]


def test_the_proxy_lets_through_what_each_page_takes():
    """To the megabyte, for every address of the portal: neither refused before its page could say so, nor stored in vain."""
    seen = set()
    for route, view in views():
        path = "/posted/" + re.sub(r"<[^>]+>", "x", route)
        size = next(size for pattern, size in limits() if pattern.search(path))
        assert size == body_limit(view) // MEGABYTE, route
        seen.add(size)
    assert seen == {1, 2, 11, 21, 51, 101}


def test_what_is_only_asked_for_has_no_body():
    """So that nothing but posts, which are counted, stands on the proxy's disk."""
    text = NGINX.read_text()
    assert re.search(r"location / \{\s+client_max_body_size 1k;", text)
    assert re.search(r"map \$request_method \$done \{\s+POST\s+posted;\s+default asked;\s+\}", text)


def test_strangers_cannot_fill_the_disk_for_bodies():
    """All posts that may be under way at once fit; one visitor, an office of sixteen people say, has not all of it."""
    text = NGINX.read_text()
    together = {zone: int(most) for zone, most in re.findall(r"limit_conn any_(\w+) (\d+);", text)}
    alone = {zone: int(most) for zone, most in re.findall(r"limit_conn ([a-z]+) (\d+);", text)}
    largest = {"small": 10**6, "middle": 10**7, "large": max(size for _, size in limits()) * MEGABYTE}
    assert set(together) == set(largest) and set(alone) == {*largest, "asking", "line"}
    (disk,) = [
        int(size)
        for mount in SERVICES["nginx"]["tmpfs"]
        for size in re.findall(r"client_temp:size=(\d+)g", mount)
    ]
    assert sum(together[size] * largest[size] for size in largest) <= disk * 2**30
    assert all(alone[zone] <= together[zone] // 2 for zone in together)
    assert alone["small"] >= alone["middle"] >= 16


def test_volumes_are_named_and_used():
    used = {volume.split(":")[0] for service in SERVICES.values() for volume in service.get("volumes", [])}
    files = {each for each in used if each.startswith("./")}
    assert used - files == set(COMPOSE["volumes"])
    assert all((ROOT / each).exists() for each in files)


def test_the_database_server_starts_with_the_settings_that_are_mounted():
    server = SERVICES["postgres"]
    (_c, setting) = server["command"][1:]
    assert f"./deploy/postgres/portal.conf:{setting.removeprefix('config_file=')}:ro" in server["volumes"]


def test_images_are_pinned():
    images = re.findall(r"\$\{\w+_IMAGE:-([^}]+)\}", COMPOSE_TEXT)
    assert len(images) == 4 and all(re.search(r":\d+\.\d+", image) for image in images)
    assert {service["image"] for service in SERVICES.values()} == {
        "credit-repair-portal:${PORTAL_TAG:-latest}",
        *(f"${{{image.split(':')[0].upper()}_IMAGE:-{image}}}" for image in images if "python" not in image),
    }
    # Built without compose, the image is the same.
    dockerfile = (ROOT / "Dockerfile").read_text()
    (base,) = re.findall(r"^ARG PYTHON_IMAGE=(\S+)", dockerfile, re.MULTILINE)
    assert base in images and re.findall(r"^FROM (\S+)", dockerfile, re.MULTILINE) == ["${PYTHON_IMAGE}"]


def test_the_image_runs_without_privileges_and_can_write_chinese():
    dockerfile = (ROOT / "Dockerfile").read_text()
    assert re.findall(r"^USER (\S+)", dockerfile, re.MULTILINE) == ["portal"]
    assert "fonts-arphic-gbsn00lp" in dockerfile and "fonts-wqy-microhei" in dockerfile
    for service in ("web", "worker", "renderer", "runner", "beat", "migrate", "sandbox"):
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


@pytest.mark.parametrize(
    "address", ["https://", "credit.example.gov.cn", "https://a.example/path", "ftp://a.example"]
)
def test_half_an_address_counts_as_none(address, tmp_path):
    result = subprocess.run(
        [sys.executable, "-c", "import credit_repair.settings"],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], "DATA_DIR": str(tmp_path), "SITE_URL": address},
        capture_output=True,
        text=True,
    )
    assert result.returncode != 0
    assert "环境变量 SITE_URL 应是门户完整的公开地址" in result.stderr


def test_the_sample_province_stays_out_of_the_served_mode(db, settings):
    settings.SERVED = True
    with pytest.raises(CommandError, match="--trial") as refusal:
        call_command("load_sample")
    assert refusal.value.returncode == 2


def test_collected_style_sheets_can_be_read_by_another_user(settings, tmp_path):
    settings.STATIC_ROOT = tmp_path / "static"
    before = os.umask(0o022)
    try:
        call_command("collectstatic", interactive=False, verbosity=0)
    finally:
        os.umask(before)
    found = list((tmp_path / "static").rglob("*"))
    assert found
    for path in found:
        assert path.stat().st_mode & (0o055 if path.is_dir() else 0o044) in (0o055, 0o044), path


def test_the_web_process_is_alive_without_database_and_sweep(client):
    """No database mark: a query would fail here."""
    answer = client.get("/livez/")
    assert (answer.status_code, answer.content) == (204, b"")


# What was there when upgrades began to run beside the old code (ADR 0021), and of repairs what was last upgraded with a
# stop since: filings (ADR 0023).
BEFORE_THE_RULE = {
    "accounts": "0001",
    "deadlines": "0003",
    "documents": "0001",
    "files": "0001",
    "ledger": "0002",
    "notifications": "0002",
    "objections": "0002",
    "organs": "0001",
    "oversight": "0001",
    "policies": "0002",
    "records": "0001",
    "repairs": "0006",
    "reports": "0001",
    "sharing": "0001",
    "subjects": "0001",
}


def test_migrations_only_add():
    """While an upgrade runs, the code before works on the tables after."""
    for (app, name), migration in MigrationLoader(None).disk_migrations.items():
        if not type(migration).__module__.startswith("applications.") or name[:4] <= BEFORE_THE_RULE.get(
            app, "0000"
        ):
            continue
        for operation in chain.from_iterable(
            # A model that moves to another app leaves the state of one, and no table.
            step.database_operations if isinstance(step, migrations.SeparateDatabaseAndState) else [step]
            for step in migration.operations
        ):
            assert not isinstance(
                operation,
                migrations.RemoveField
                | migrations.DeleteModel
                | migrations.RenameField
                | migrations.RenameModel,
            ), f"{app}.{name}: {operation.describe()}"
            if isinstance(operation, migrations.AddField) and not operation.field.many_to_many:
                field = operation.field
                assert field.null or field.db_default is not NOT_PROVIDED, (
                    f"{app}.{name}: {operation.describe()}"
                )
