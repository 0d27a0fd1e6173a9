"""What is kept long enough is erased, nothing else is, the ledger holds, and the public reads the periods that are kept to."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.conf import settings
from django.contrib.sessions.models import Session
from django.core.management import call_command

from applications.accounts import retention as job
from applications.accounts.models import TypedText
from applications.accounts.typed import KEPT_FOR
from applications.audit.payloads import KEYS
from applications.audit.verbs import WORDS
from applications.files import pending
from applications.files.models import StoredFile
from applications.files.services import store_content
from applications.ledger.models import Event
from applications.ledger.verification import verify_ledger
from applications.notifications.models import Message, Phone
from applications.notifications.services import notify
from applications.records.models import ImportBatch
from applications.repairs import services
from applications.repairs.models import Material, RepairCase
from rules.retention import kinds, period_of
from tests.fixtures import TODAY, make_record
from tests.repairs.steps import prepared, submitted

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def erase(at):
    return {kind: count for kind, count in job.erase_what_is_due(at=at).items() if count}


def test_every_period_of_days_has_who_keeps_to_it():
    by_itself = {"pending_upload"}
    assert job.registered() | by_itself == {code for code, kind in kinds().items() if kind.period}
    assert timedelta(seconds=pending.SECONDS_KEPT) == period_of("pending_upload")
    assert period_of("typed_text") == KEPT_FOR
    assert timedelta(seconds=settings.SESSION_COOKIE_AGE) == period_of("session")
    draft = kinds()["draft"]
    assert draft.told_before and f"提前{draft.told_before.days}天" in draft.then


def test_the_public_reads_the_periods_of_the_file(client):
    page = re.sub(r"\s+|<[^>]+>", "", client.get("/privacy/").content.decode())
    # Where nobody can give a telephone for text messages, the page says nothing of them.
    for kind in (kind for kind in kinds().values() if kind.code != "unconfirmed_phone"):
        assert kind.label in page and kind.then in page and kind.law in page
    assert "最后一次输入起7天" in page and "上传起30分钟" in page and "最后一次保存起365天" in page


def test_copies_of_messages_lose_their_text_and_the_inbox_keeps_it(alice):
    notify(key="a", recipients=[alice], subject="题", body="正文", at=TODAY)
    Message.objects.filter(channel="email").update(status="handed_over", sent_at=TODAY)
    later = TODAY + period_of("message_copy")
    assert erase(later) == {}
    notify(key="b", recipients=[alice], subject="题", body="还没有发出", at=TODAY)
    assert erase(later + DAY) == {"message_copy": 1}
    left = set(Message.objects.values_list("key", "body"))
    assert {(key.split("/")[0] + key[-5:], body) for key, body in left} == {
        ("ainbox", "正文"), ("aemail", ""), ("binbox", "还没有发出"), ("bemail", "还没有发出"),
    }  # fmt: skip


def test_rows_and_files_that_are_over_go_and_the_others_stay(alice, wang, market_bureau):
    for age in (0, 1):
        at = TODAY - age * timedelta(days=400)
        TypedText.objects.create(writer=alice, action=f"/{age}/", content="x", kept_at=at)
        Session.objects.create(session_key=str(age), session_data="x", expire_date=at + DAY)
        errors = store_content(name="退回.xlsx", content=b"x", content_type="x", at=at)
        ImportBatch.objects.create(
            organ=market_bureau,
            file_name="a",
            sha256=str(age),
            errors=errors,
            imported_by=wang,
            imported_at=at,
        )
    Phone.objects.create(user=alice, sealed_number=b"x", code_made_at=TODAY - 2 * DAY)
    Phone.objects.create(user=wang, sealed_number=b"x", code_made_at=TODAY - 2 * DAY, confirmed_at=TODAY)
    gone = StoredFile.objects.order_by("stored_at").first()
    assert job.what_is_due(at=TODAY)["rejected_rows"] == 1 and TypedText.objects.count() == 2
    assert erase(TODAY) == {"typed_text": 1, "session": 1, "rejected_rows": 1, "unconfirmed_phone": 1}
    assert [row.action for row in TypedText.objects.all()] == ["/0/"]
    assert not StoredFile.objects.filter(pk=gone.pk).exists() and StoredFile.objects.count() == 1
    assert ImportBatch.objects.filter(errors=None).count() == 1 and Phone.objects.get().user == wang
    assert erase(TODAY) == {}
    events = Event.objects.filter(verb="retention.erased")
    assert {event.payload["kind"] for event in events} == {
        "typed_text",
        "session",
        "rejected_rows",
        "unconfirmed_phone",
    }
    assert events[0].verb in WORDS and set(events[0].payload) <= set(KEYS)
    assert verify_ledger(at=TODAY).broken is None


def test_a_dry_run_counts_and_leaves_everything(alice, capsys):
    TypedText.objects.create(writer=alice, action="/a/", content="x", kept_at=TODAY - 8 * DAY)
    call_command("retention", "--dry-run")
    said = capsys.readouterr().out
    assert "没有提交的文字：1" in said and "没有删除" in said and TypedText.objects.count() == 1
    call_command("retention")
    assert "没有提交的文字：1" in capsys.readouterr().out and not TypedText.objects.exists()


def test_one_kind_that_fails_stops_no_other(alice, monkeypatch):
    def fail(at):
        raise ValueError("broken")

    TypedText.objects.create(writer=alice, action="/a/", content="x", kept_at=TODAY - 8 * DAY)
    monkeypatch.setitem(job._erasures, "session", job.Erasure("session", fail, job.delete_rows))
    with pytest.raises(ValueError, match="broken"):
        job.erase_what_is_due(at=TODAY)
    assert not TypedText.objects.exists()


def test_a_draft_is_emptied_when_its_applicant_was_told(acme, market_bureau, alice):
    case = prepared(make_record(acme, market_bureau), market_bureau, alice)
    RepairCase.objects.filter(pk=case.pk).update(edited_at=TODAY)
    notice_on, last = TODAY + 336 * DAY, TODAY + 366 * DAY
    assert erase(TODAY + 334 * DAY) == {} and not told(alice)
    # However late the job runs, thirty days are left.
    assert "draft" not in erase(last + 10 * DAY) and len(told(alice)) == 1
    Message.objects.filter(key__startswith="draft-expires").delete()
    erase(notice_on)
    (message,) = told(alice)
    assert case.number in message.subject and "没有提交" in message.body
    assert "draft" not in erase(notice_on + 29 * DAY) and len(told(alice)) == 1

    assert erase(last)["draft"] == 1
    case.refresh_from_db()
    assert (case.status, case.filing.contact_phone, case.corrected_on) == ("draft", "", None)
    event = Event.objects.get(verb="repair.draft_emptied")
    assert event.chain == case.number and event.verb in WORDS and set(event.payload) <= set(KEYS)
    assert verify_ledger(at=last).broken is None
    assert "draft" not in erase(last + DAY)


def test_a_draft_that_is_saved_again_and_what_was_submitted_stay(acme, market_bureau, alice):
    case = prepared(make_record(acme, market_bureau), market_bureau, alice)
    RepairCase.objects.filter(pk=case.pk).update(edited_at=TODAY)
    erase(TODAY + 336 * DAY)
    services.save_contact(case=case, name="陈经办", phone="13800001111", actor=alice, at=TODAY + 340 * DAY)
    assert "draft" not in erase(TODAY + 380 * DAY)
    filed = submitted(
        make_record(acme, market_bureau, document_number="宁市监罚〔2026〕2号"), market_bureau, alice
    )
    files = Material.objects.filter(filing=filed.filing).count()
    erase(TODAY + 2000 * DAY)
    erase(TODAY + 2100 * DAY)
    assert Material.objects.filter(filing=filed.filing).count() == files > 0
    assert not Material.objects.filter(filing=case.filing).exists()


def told(person):
    return list(Message.objects.filter(recipient=person, channel="inbox", key__startswith="draft-expires"))
