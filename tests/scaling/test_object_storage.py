"""Files in a real store with the S3 interface: what holds for the folder holds there too."""

import hashlib
import os
from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.core.files.storage import default_storage, storages
from django.test import override_settings
from django.urls import reverse
from django.utils import timezone

from applications.deadlines.services import sweep_deadlines
from applications.files.examining import PDF
from applications.files.inspection import Inspected
from applications.files.models import StoredFile
from applications.files.responses import file_response
from applications.files.services import store_content, store_upload, storing
from applications.files.storage import StorageFull
from applications.repairs.models import Material
from tests.repairs.steps import pdf, prepared
from tests.scaling.object_store import BUCKET, PASSWORD, USER, object_store

pytestmark = pytest.mark.server


@pytest.fixture(scope="module")
def server():
    with object_store() as running:
        yield running


@pytest.fixture
def store(server, settings):
    """The portal's files in an empty bucket."""
    options = {
        "bucket_name": BUCKET,
        "endpoint_url": server.endpoint,
        "region_name": "us-east-1",
        "access_key": USER,
        "secret_key": PASSWORD,
    }
    remote = {"BACKEND": "applications.files.remote.RemoteFiles", "OPTIONS": options}
    with override_settings(STORAGES=settings.STORAGES | {"default": remote}):
        yield server
        for name in server.names():
            default_storage.delete(name)


@pytest.fixture
def store_that_is_down(store):
    store.stop()
    yield store
    store.start()


def paper(content: bytes) -> Inspected:
    return Inspected("营业执照.pdf", content, PDF, pages=1)


@pytest.mark.parametrize("size", [0, 1, 1024 * 1024, 3 * 1024 * 1024 + 17])
def test_what_was_stored_comes_back_and_lies_there_unreadable(store, alice, size):
    content = (b"%PDF a name that nobody may read " * (size // 32 + 1))[:size]
    stored = store_upload(upload=paper(content), user=alice, at=timezone.now())
    assert store.names() == [stored.file.name]
    lying_there = store.content(stored.file.name)
    assert b"nobody" not in lying_there
    assert b"%PDF" not in lying_there
    stored.refresh_from_db()
    answer = file_response(stored)
    assert answer.status_code == 200
    assert b"".join(answer.streaming_content) == content
    assert answer["Content-Length"] == str(size)


def test_a_large_file_leaves_piece_by_piece(store, db):
    stored = store_content(
        name="a.pdf", content=os.urandom(5 * 1024 * 1024), content_type=PDF, at=timezone.now()
    )
    with stored.file.open("rb") as file:
        assert len(file.read(100)) == 100
    # And from its beginning again.
    pieces = list(file_response(stored).streaming_content)
    assert max(map(len, pieces)) <= 1024 * 1024


@pytest.mark.parametrize("change", ["flip", "cut", "swap", "exchange"])
def test_what_was_changed_in_the_store_is_not_handed_out(store, db, change):
    now = timezone.now()
    stored = store_content(name="a.pdf", content=os.urandom(3 * 1024 * 1024), content_type=PDF, at=now)
    other = store_content(name="b.pdf", content=os.urandom(3 * 1024 * 1024), content_type=PDF, at=now)
    name = stored.file.name
    lines = store.content(name).split(b"\n")
    changed = {
        "flip": [lines[0][:-100] + bytes([lines[0][-100] ^ 1]) + lines[0][-99:], *lines[1:]],
        "cut": lines[:-1],
        "swap": [lines[1], lines[0], *lines[2:]],
        "exchange": store.content(other.file.name).split(b"\n"),
    }[change]
    assert changed != lines
    store.client().put_object(Bucket=BUCKET, Key=name, Body=b"\n".join(changed))
    with pytest.raises(OSError, match=r"changed in the store|ends too early"):
        b"".join(file_response(stored).streaming_content)


def test_only_who_may_see_it_gets_it(store, client, alice, charlie, general_record, market_bureau):
    case = prepared(general_record, market_bureau, alice)
    client.force_login(alice)
    client.post(reverse("repairs:files", args=[case.number, "other"]), {"uploads": [pdf("说明.pdf")]})
    material = Material.objects.get(case=case, kind="other")
    assert material.file.file.name in store.names()
    url = reverse("repairs:open_file", args=[case.number, material.pk])
    got = b"".join(client.get(url).streaming_content)
    assert hashlib.sha256(got).hexdigest() == material.file.sha256
    client.force_login(charlie)
    assert client.get(url).status_code == 404


def test_a_transaction_that_fails_takes_its_files_with_it(store, alice):
    with pytest.raises(ZeroDivisionError), storing():
        store_upload(upload=paper(b"1"), user=alice, at=timezone.now())
        raise ZeroDivisionError
    assert store.names() == []


def test_one_that_is_gone_is_said_to_be_gone(store, db, caplog):
    stored = store_content(name="营业执照.pdf", content=b"1", content_type=PDF, at=timezone.now())
    store.client().delete_object(Bucket=BUCKET, Key=stored.file.name)
    answer = file_response(stored)
    assert answer.status_code == 404
    assert "“营业执照.pdf”登记在案，但在存储中找不到它的内容" in answer.content.decode()
    assert str(stored.pk) in caplog.text


def test_a_full_store_is_said_to_be_full_and_keeps_nothing(store, alice, caplog):
    store.limit(200_000)
    try:
        kept = store_upload(upload=paper(bytes(50_000)), user=alice, at=timezone.now())
        with pytest.raises(ValidationError, match=r"“营业执照\.pdf”没有保存：系统的存储空间已满"):
            store_upload(upload=paper(bytes(300_000)), user=alice, at=timezone.now())
        with pytest.raises(StorageFull):
            store_content(name="a.pdf", content=bytes(300_000), content_type=PDF, at=timezone.now())
    finally:
        store.limit(10**9)
    assert store.names() == [kept.file.name]
    assert StoredFile.objects.get() == kept
    assert "is full" in caplog.text


def test_a_store_that_is_down_is_said_to_be_and_nothing_is_half_done(
    client, store, alice, general_record, market_bureau, request
):
    case = prepared(general_record, market_bureau, alice)
    client.force_login(alice)
    url = reverse("repairs:files", args=[case.number, "other"])
    client.post(url, {"uploads": [pdf("先.pdf")]})
    before = Material.objects.get(case=case, kind="other")
    stored = StoredFile.objects.count()
    sweep_deadlines(at=timezone.now() - timedelta(minutes=1))
    assert client.get("/healthz/").json()["files_away"] is False

    request.getfixturevalue("store_that_is_down")
    page = client.post(url, {"uploads": [pdf("后.pdf")]}).content.decode()
    assert "“后.pdf”没有保存：存放文件的系统暂时没有响应" in page
    assert Material.objects.get(case=case, kind="other") == before
    assert StoredFile.objects.count() == stored

    opened = client.get(reverse("repairs:open_file", args=[case.number, before.pk]))
    assert opened.status_code == 503
    assert "“先.pdf”还在，但存放文件的系统暂时没有响应" in opened.content.decode()
    assert opened["Retry-After"]

    health = client.get("/healthz/")
    assert (health.status_code, health.json()["files_away"]) == (503, True)


def test_without_a_bucket_files_are_in_the_folder(settings, db):
    stored = store_content(name="a.pdf", content=b"1", content_type=PDF, at=timezone.now())
    assert storages["default"].path(stored.file.name).startswith(str(settings.MEDIA_ROOT))
