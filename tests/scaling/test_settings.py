"""What the environment says about several machines."""

import json
import os
import subprocess
import sys

from tests.scaling.processes import ROOT

SECRETS = dict.fromkeys(("SECRET_KEY", "FIELD_KEY", "LEDGER_KEY", "PLATFORM_KEY"), "x" * 60)
SHOWN = "DATABASES", "DATABASE_ROUTERS", "STORAGES"


def settings_of(tmp_path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Those of the portal, as JSON on standard output."""
    program = (
        "import json; from django.conf import settings; "
        f"print(json.dumps({{name: getattr(settings, name) for name in {SHOWN}}}))"
    )
    base = {
        "PATH": os.environ["PATH"],
        "DATA_DIR": str(tmp_path),
        "DJANGO_SETTINGS_MODULE": "credit_repair.settings",
    }
    return subprocess.run(
        [sys.executable, "-c", program],
        cwd=ROOT,
        env=base | environment,
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_replica_of_nothing_stops_the_start(tmp_path):
    refused = settings_of(tmp_path, REPLICA_URL="postgres://portal@127.0.0.1:1/portal")
    assert refused.returncode != 0
    assert "环境变量 REPLICA_URL 指的是 DATABASE_URL 的只读副本" in refused.stderr


def test_the_replicas_address_may_stand_in_a_file(tmp_path):
    (tmp_path / "url").write_text("postgres://reader:secret@replica:5433/portal?sslmode=verify-full\n")
    shown = settings_of(
        tmp_path,
        DATABASE_URL="postgres://portal@primary/portal",
        REPLICA_URL_FILE=str(tmp_path / "url"),
        **SECRETS,
    )
    databases = json.loads(shown.stdout)["DATABASES"]
    assert (databases["default"]["HOST"], databases["replica"]["HOST"]) == ("primary", "replica")
    # Whoever is gone keeps no page waiting.
    options = databases["replica"]["OPTIONS"]
    assert (options["connect_timeout"], options["options"]) == (2, "-c statement_timeout=2000")
    # How the line to it is guarded is said in its address.
    assert options["sslmode"] == "verify-full"


def test_without_a_replica_there_is_one_database(tmp_path):
    shown = json.loads(settings_of(tmp_path).stdout)
    assert (list(shown["DATABASES"]), shown["DATABASE_ROUTERS"]) == (["default"], [])


def test_a_bucket_takes_the_place_of_the_folder(tmp_path):
    (tmp_path / "key").write_text("secret\n")
    shown = settings_of(
        tmp_path,
        FILES_S3_BUCKET="files",
        FILES_S3_ENDPOINT="https://s3.example.test",
        FILES_S3_ACCESS_KEY="portal",
        FILES_S3_SECRET_KEY_FILE=str(tmp_path / "key"),
    )
    files = json.loads(shown.stdout)["STORAGES"]["default"]
    assert files["BACKEND"] == "applications.files.remote.RemoteFiles"
    assert files["OPTIONS"] == {
        "bucket_name": "files",
        "endpoint_url": "https://s3.example.test",
        "region_name": "us-east-1",
        "access_key": "portal",
        "secret_key": "secret",
    }
