"""What is encrypted is written anew under another FIELD_KEY, all of it and wherever it lies, and is found all the while."""

from __future__ import annotations

import io
import os
import re
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import pytest
from allauth.mfa.models import Authenticator
from botocore.response import StreamingBody
from cryptography.fernet import Fernet, InvalidToken
from django.core.exceptions import FieldError, ImproperlyConfigured
from django.core.files import File
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import override_settings
from storages.backends.s3 import S3Storage

from applications import at_rest
from applications.accounts.models import TypedText, User, phone_digest
from applications.at_rest import renewing
from applications.at_rest.renewing import seal_what_is_plain
from applications.documents import keys
from applications.files import pending
from applications.files import renewing as files_renewing
from applications.files.models import StoredFile
from applications.files.remote import PIECE, RemoteFiles
from applications.ledger.models import Event
from applications.notifications import phones
from applications.notifications.models import Message, Phone, address_digest
from applications.portal import plain_columns
from applications.portal.models import AddressReminder
from applications.portal.reminders.of_addresses import Wish, agree, is_kept
from applications.records.importing.planning import known_subjects
from applications.sharing.models import Destination
from applications.subjects.identity import identity_digest
from applications.subjects.models import Subject
from credit_repair import environment
from tests.documents.conftest import authority, certificate  # noqa: F401
from tests.fixtures import TODAY

NUMBER = "320104199003078884"
NEW = "n" * 40
BROKEN = "k" * 40


@pytest.fixture(autouse=True)
def _own_folder(settings, tmp_path):
    settings.SIGNING_DIR = tmp_path / "signing"


@pytest.fixture
def person(db) -> Subject:
    return Subject.objects.create(
        kind="natural_person",
        name="陈某某",
        identity_type="resident_id",
        identity_number=NUMBER,
        identity_digest=identity_digest("resident_id", NUMBER),
        address="南京市玄武区示例路1号",
    )


@contextmanager
def rotated(settings, *, readable: bool = True, digests: bool = False):
    """FIELD_KEY is another, and the one before is read with or not."""
    before = settings.FIELD_KEY
    change = {"FIELD_KEY": NEW, "FIELD_KEY_OLD": [before] if readable else [], "DIGEST_KEY": before}
    if digests:
        change |= {"DIGEST_KEY": NEW, "DIGEST_KEY_OLD": [before] if readable else []}
    with override_settings(**change):
        yield


def stored(row, column: str) -> str:
    table = row._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {column} FROM {table} WHERE {row._meta.pk.column} = %s", [row.pk])
        return cursor.fetchone()[0]


def left() -> int:
    """The exit code of --check."""
    try:
        call_command("rotate_field_key", check=True)
    except CommandError as error:
        return error.returncode
    return 0


def test_telephones_homes_and_addresses_are_unreadable_in_the_database(alice, person):
    alice.phone = "138 1234 5678"
    alice.save()
    agree(Wish("lin@example.com", date(2027, 3, 1)))
    reminder = AddressReminder.objects.get()
    for row, column, plain in (
        (alice, "phone", "138 1234 5678"),
        (person, "address", "南京市玄武区示例路1号"),
        (person, "identity_number", NUMBER),
        (reminder, "address", "lin@example.com"),
    ):
        assert at_rest.is_sealed(stored(row, column)) and plain not in stored(row, column)
        row.refresh_from_db()
        assert getattr(row, column) == plain
    assert stored(alice, "plain_phone") is None


def test_a_telephone_is_found_however_it_is_typed(alice):
    alice.phone = "+86 138-1234-5678"
    alice.save(update_fields=["phone"])
    assert User.objects.get(phone_digest=phone_digest("13812345678")) == alice
    alice.phone = ""
    alice.save(update_fields=["phone"])
    assert User.objects.get(pk=alice.pk).phone_digest is None


def test_nobody_searches_an_encrypted_column_in_vain(db):
    with pytest.raises(FieldError, match="digest"):
        User.objects.filter(phone="138").exists()


def test_what_the_version_before_wrote_is_read_and_sealed(alice, person):
    """Old and new run side by side during an upgrade; what the old one wrote is sealed in the night."""
    assert not seal_what_is_plain()
    User.objects.filter(pk=alice.pk).update(phone_digest=None, plain_phone="02587654321")
    with connection.cursor() as cursor:
        cursor.execute("UPDATE accounts_user SET phone = '025-87654321' WHERE id = %s", [alice.pk])
        cursor.execute("UPDATE subjects_subject SET address = '苏州市示例路2号' WHERE id = %s", [person.pk])
    alice.refresh_from_db()
    assert alice.phone == "025-87654321" and left() == 1
    assert seal_what_is_plain() == {"accounts.User": 1, "subjects.Subject": 1}
    alice.refresh_from_db()
    person.refresh_from_db()
    assert (alice.phone, person.address) == ("025-87654321", "苏州市示例路2号")
    assert at_rest.is_sealed(stored(alice, "phone")) and stored(alice, "plain_phone") is None
    assert User.objects.get(phone_digest=phone_digest("025 8765 4321")) == alice
    assert left() == 0 and not seal_what_is_plain()


def test_once_nothing_is_plain_the_tables_are_left_alone(alice, django_assert_num_queries):
    with connection.cursor() as cursor:
        cursor.execute("UPDATE accounts_user SET phone = '025-87654321' WHERE id = %s", [alice.pk])
    assert plain_columns.seal_what_is_plain(at=TODAY) == {"accounts.User": 1}
    # Only a pass that found nothing shows that there is nothing.
    assert not Event.objects.filter(chain=plain_columns.CHAIN).exists()
    assert plain_columns.seal_what_is_plain(at=TODAY) == {}
    event = Event.objects.get(chain=plain_columns.CHAIN)
    assert event.payload["columns"] == renewing.encrypted_columns()
    assert "subjects.Subject.identity_number" in event.payload["columns"]
    with django_assert_num_queries(1):
        assert plain_columns.seal_what_is_plain(at=TODAY) == {}


def test_another_encrypted_column_is_looked_through(alice, monkeypatch):
    assert plain_columns.seal_what_is_plain(at=TODAY) == {}
    every = renewing.encrypted_columns()
    monkeypatch.setattr(renewing, "encrypted_columns", lambda: [*every, "subjects.Subject.phone"])
    with connection.cursor() as cursor:
        cursor.execute("UPDATE accounts_user SET phone = '025-87654321' WHERE id = %s", [alice.pk])
    assert plain_columns.seal_what_is_plain(at=TODAY) == {"accounts.User": 1}


def test_a_row_that_cannot_be_sealed_is_no_end(alice, person):
    """Its other column is under a key that is lost."""
    with connection.cursor() as cursor:
        lost = Fernet(Fernet.generate_key()).encrypt(NUMBER.encode()).decode()
        cursor.execute(
            "UPDATE subjects_subject SET address = '苏州市', identity_number = %s WHERE id = %s",
            [lost, person.pk],
        )
    for _night in range(2):
        assert plain_columns.seal_what_is_plain(at=TODAY) == {"subjects.Subject": 0}


def test_all_that_is_encrypted_is_written_anew_and_nothing_is_left(
    settings,
    alice,
    person,
    certificate,  # noqa: F811
):
    alice.phone = "13812345678"
    alice.save()
    phones.name_phone(user=alice, number="13912345678", at=TODAY)
    code = phones.code_of(Phone.objects.get())
    typed = TypedText.objects.create(
        writer=alice, action="/x/", content=at_rest.encrypt(b"{}").decode(), kept_at=TODAY
    )
    secret = at_rest.encrypt(b"SECRET").decode()
    factor = Authenticator.objects.create(
        user=alice, type="totp", data={"secret": secret, "more": [secret, 3]}
    )
    platform = Destination.objects.create(
        level="province", region="320000", name="省平台", address="https://p.example", active_from=TODAY, proposed_at=TODAY,
        state="approved", sealed_key=at_rest.encrypt(b"key of the platform").decode(),
    )  # fmt: skip
    mail = Message.objects.create(
        key="account/1", channel="email", address="lin@example.com", subject="s", body="b",
        written_at=TODAY, next_try_at=TODAY,
    )  # fmt: skip
    agree(Wish("lin@example.com", date(2027, 3, 1)))
    token = pending.keep(b"content", {"a": 1}, user=alice, purpose="test")
    large = pending.keep_file([b"one", b"two"], user=alice, purpose="large")
    waits = Path(settings.MEDIA_ROOT) / "waiting"
    ages = {each.name: each.stat().st_mtime for each in waits.glob("*/*")}
    with rotated(settings):
        assert left() == 1
        # Before it is written anew it is read, and found.
        alice.refresh_from_db()
        assert alice.phone == "13812345678"
        assert pending.find(token, user=alice, purpose="test") == (b"content", {"a": 1})
        phones.confirm_phone(user=alice, code=code, at=TODAY)
        call_command("rotate_field_key")
        assert left() == 0
    with rotated(settings, readable=False):
        assert left() == 0
        for row in (alice, person, typed, factor, platform, mail):
            row.refresh_from_db()
        assert (alice.phone, person.identity_number) == ("13812345678", NUMBER)
        assert phones.number_of(Phone.objects.get()) == "13912345678"
        assert at_rest.decrypt(typed.content.encode()) == b"{}"
        assert [
            at_rest.decrypt(each.encode()) for each in (factor.data["secret"], factor.data["more"][0])
        ] == [
            b"SECRET",
            b"SECRET",
        ]
        assert factor.data["more"][1] == 3
        assert platform.key == "key of the platform"
        assert mail.address == "lin@example.com"
        assert Message.objects.get(address_digest=address_digest("Lin@example.com")) == mail
        assert is_kept(Wish("lin@example.com", date(2027, 3, 1)))
        assert pending.find(token, user=alice, purpose="test") == (b"content", {"a": 1})
        opened = pending.open_file(large, user=alice, purpose="large")
        opened.seek(0)
        assert opened.read() == b"onetwo"
        # It does not wait longer for it.
        assert {each.name: each.stat().st_mtime for each in waits.glob("*/*")} == ages
        (kept,) = Path(settings.SIGNING_DIR).glob("*.p12")
        assert keys._renew_key(kept, False).old == 0


def test_digests_of_a_key_of_their_own_are_found_under_both_until_they_are_made_anew(settings, person, alice):
    alice.phone = "13812345678"
    alice.save()

    def finds() -> bool:
        digest = identity_digest("resident_id", NUMBER.lower())
        draft = type("Draft", (), {"uscc": None, "identity_digest": digest})
        return (
            Subject.objects.filter(identity_digest=digest).first() == person
            and Subject.objects.filter(identity_digest__in=[digest]).first() == person
            and known_subjects([draft]) == {str(digest): person}
            and digest.is_that_of(Subject.objects.get(pk=person.pk).identity_digest)
            and User.objects.filter(phone_digest=phone_digest("13812345678")).exists()
        )

    assert finds()
    # The encryption changes alone: what platforms know of a person stays.
    with rotated(settings):
        before = stored(person, "identity_digest")
        call_command("rotate_field_key")
        assert finds() and stored(person, "identity_digest") == before
    settings.FIELD_KEY, first = NEW, settings.FIELD_KEY
    with override_settings(DIGEST_KEY=NEW, DIGEST_KEY_OLD=[first]):
        assert finds() and left() == 1
        call_command("rotate_field_key")
        assert finds() and stored(person, "identity_digest") != before
    with override_settings(DIGEST_KEY=NEW, DIGEST_KEY_OLD=[]):
        assert finds() and left() == 0


def test_it_goes_on_where_it_was_killed(settings, monkeypatch, db):
    for number in range(5):
        User.objects.create_user(f"u{number}@example.com", phone=f"1381234567{number}")
    monkeypatch.setattr(renewing, "BATCH", 2)
    write, written = renewing.update_many, []

    def killed(*args):
        if len(written) == 1:
            raise KeyboardInterrupt
        written.append(args)
        write(*args)

    with rotated(settings):
        monkeypatch.setattr(renewing, "update_many", killed)
        with pytest.raises(KeyboardInterrupt):
            call_command("rotate_field_key")
        # Half is new, and all of it is read.
        tally = sum(renewing.stores()["accounts.User"](False), renewing.Tally())
        assert (tally.seen, tally.old, tally.unreadable) == (5, 3, 0)
        assert sorted(each.phone for each in User.objects.all()) == [f"1381234567{n}" for n in range(5)]
        monkeypatch.setattr(renewing, "update_many", write)
        call_command("rotate_field_key")
        assert left() == 0


def test_what_is_written_meanwhile_is_not_written_over(settings, monkeypatch, alice):
    alice.phone = "13812345678"
    alice.save()
    write = renewing._Table._write

    def later(table, keys):
        if table.model is User:
            User.objects.filter(pk=alice.pk).update(phone="13900000000")
        write(table, keys)

    with rotated(settings):
        monkeypatch.setattr(renewing._Table, "_write", later)
        call_command("rotate_field_key")
        alice.refresh_from_db()
        assert alice.phone == "13900000000" and left() == 0


def test_a_wrong_old_key_is_said_and_nothing_is_lost(settings, alice, person):
    first = settings.FIELD_KEY
    with override_settings(FIELD_KEY=NEW, FIELD_KEY_OLD=[BROKEN], DIGEST_KEY=first):
        before = stored(person, "identity_number")
        with pytest.raises(CommandError, match=r"第一处是 subjects\.Subject \d+。.*不要删去旧密钥") as error:
            call_command("rotate_field_key")
        assert error.value.returncode == 1 and left() == 1
        assert stored(person, "identity_number") == before
        with pytest.raises(InvalidToken):
            person.refresh_from_db()
    person.refresh_from_db()
    assert person.identity_number == NUMBER


def test_whoever_encrypts_by_hand_is_known_to_the_rotation():
    """Each module that calls encrypt(), and the store, or the reason, by which what it writes is renewed or lost."""
    known = {
        "at_rest/__init__.py": "the function itself",
        "at_rest/fields.py": "columns of EncryptedCharField",
        "accounts/typed.py": "accounts.TypedText",
        "accounts/mfa_adapter.py": "mfa.Authenticator",
        "notifications/phones.py": "notifications.Phone",
        "sharing/destinations.py": "sharing.Destination",
        "files/pending.py": "MEDIA_ROOT/waiting",
        "files/remote.py": "FILES_S3_BUCKET",
        "portal/reminders/of_addresses.py": "links in mails, of which docs/operations.md tells",
    }
    apps = Path("applications")
    calling = {
        str(path.relative_to(apps))
        for path in apps.rglob("*.py")
        if "migrations" not in path.parts and re.search(r"\bencrypt\((?!self)", path.read_text())
    }
    assert calling == set(known)
    assert set(renewing.stores()) >= {name for name in known.values() if re.fullmatch(r"[\w./]+", name)}


def test_files_in_a_bucket_are_written_anew_under_the_same_name(settings, monkeypatch, alice):
    objects: dict[str, bytes] = {}

    def save(storage, name, sealed):
        sealed.seek(0)
        objects[name] = sealed.read()
        return name

    class Bucket:
        name = "b"

        def Object(self, name):
            body = StreamingBody(io.BytesIO(objects[name]), len(objects[name]))
            return type("Object", (), {"get": lambda self: {"Body": body}})()

    monkeypatch.setattr(S3Storage, "_save", save)
    monkeypatch.setattr(S3Storage, "bucket", Bucket())
    store = RemoteFiles(bucket_name="b", access_key="k", secret_key="s", region_name="us-east-1")
    monkeypatch.setattr(files_renewing, "default_storage", store)
    contents = {"aa/one": os.urandom(PIECE + 17), "bb/two": b""}
    for name, content in contents.items():
        store._save(name, File(io.BytesIO(content)))
        StoredFile.objects.create(
            file=name, name="x.pdf", content_type="x", size=1, sha256="0", stored_at=TODAY
        )
    with rotated(settings):
        assert left() == 1
        call_command("rotate_field_key")
        assert left() == 0
    with rotated(settings, readable=False):
        assert {name: store.read(name).read() for name in contents} == contents
    # Under the key of before nothing can be read any more: then it says so, and names the file.
    names = {each.lost for each in renewing.stores()["FILES_S3_BUCKET"](False)}
    assert names == set(contents)


def test_another_field_key_needs_a_key_of_the_digests(monkeypatch):
    monkeypatch.setenv("FIELD_KEY_OLD", "one, two")
    with pytest.raises(ImproperlyConfigured, match="DIGEST_KEY"):
        environment.rotation("new")
    monkeypatch.setenv("DIGEST_KEY", "one")
    assert environment.rotation("new") == (["one", "two"], "one", [])
    monkeypatch.delenv("FIELD_KEY_OLD")
    monkeypatch.delenv("DIGEST_KEY")
    assert environment.rotation("same") == ([], "same", [])
