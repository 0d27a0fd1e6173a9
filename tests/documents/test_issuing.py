import re
import threading
from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from kombu.exceptions import OperationalError

from applications.documents import tasks
from applications.documents.digest import content_sha256
from applications.documents.models import Document, Kind
from applications.documents.numbering import clean_verification_code, in_groups
from applications.documents.services import issue_document, render_document, void_document
from applications.ledger.models import Event
from applications.notifications.models import Fault
from tests.documents.conftest import ISSUED
from tests.documents.contents import OWN, content_of
from tests.fixtures import moment
from tests.refusing import key_of, refuse

pytestmark = pytest.mark.django_db


def test_numbers_follow_the_official_form_without_gaps(issue, ecology_bureau):
    assert issue(Kind.GRANT_DECISION).number == "宁市监信修准〔2026〕1号"
    assert issue(Kind.GRANT_DECISION).number == "宁市监信修准〔2026〕2号"
    # Each kind, organ and year counts for itself; the year is the one in Shanghai.
    assert issue(Kind.REFUSAL_DECISION).number == "宁市监信修不〔2026〕1号"
    assert issue(Kind.GRANT_DECISION, by=ecology_bureau).number == "苏环信修准〔2026〕1号"
    assert issue(Kind.GRANT_DECISION, at=moment("2027-01-01 00:00")).number == "宁市监信修准〔2027〕1号"
    assert issue(Kind.GRANT_DECISION, at=moment("2026-12-31 23:59")).number == "宁市监信修准〔2026〕3号"


@pytest.mark.parametrize("kind", sorted(OWN))
def test_every_kind_has_its_own_series(issue, kind):
    assert re.fullmatch(r"宁市监信修[执承受补不准异告终信表撤证培]{1,2}〔2026〕1号", issue(kind).number)


def test_a_rolled_back_decision_gives_its_number_back(issue):
    issue(Kind.GRANT_DECISION)
    with pytest.raises(RuntimeError, match="changed my mind"), transaction.atomic():
        assert issue(Kind.GRANT_DECISION).number == "宁市监信修准〔2026〕2号"
        raise RuntimeError("changed my mind")
    assert issue(Kind.GRANT_DECISION).number == "宁市监信修准〔2026〕2号"
    assert Event.objects.filter(verb="document.issued").count() == 2


@pytest.mark.server
@pytest.mark.django_db(transaction=True)
def test_eight_officers_at_once_get_eight_numbers_without_a_gap(market_bureau):
    start, failures = threading.Barrier(8), []

    def officer(n: int) -> None:
        try:
            start.wait(timeout=10)
            for round_ in range(4):
                issue_document(
                    kind=Kind.GRANT_DECISION,
                    organ=market_bureau,
                    about=f"XF-{n}",
                    addressee="南京示例食品有限公司",
                    content=content_of("grant_decision", round=round_),
                    at=ISSUED,
                )
        except Exception as error:
            failures.append(error)
        finally:
            connection.close()

    officers = [threading.Thread(target=officer, args=(n,)) for n in range(8)]
    for each in officers:
        each.start()
    for each in officers:
        each.join(timeout=60)
    assert failures == []
    serials = sorted(int(re.search(r"〕(\d+)号", d.number).group(1)) for d in Document.objects.all())
    assert serials == list(range(1, 33))


def test_issuing_is_in_the_ledger_with_the_hash_of_the_words(issue):
    document = issue()
    event = Event.objects.get(chain=document.about, verb="document.issued")
    assert event.payload["number"] == document.number
    assert event.payload["content_sha256"] == content_sha256(document)
    document.refresh_from_db()
    # What comes back from the database is what was hashed.
    assert event.payload["content_sha256"] == content_sha256(document)


def test_a_given_number_is_used_as_it_is_and_only_once(market_bureau):
    def report() -> Document:
        return issue_document(
            kind=Kind.CREDIT_REPORT,
            organ=market_bureau,
            about="20261202140309ABCDEFGH",
            addressee="南京示例食品有限公司",
            content={},
            at=ISSUED,
            number="20261202140309ABCDEFGH",
        )

    assert report().number == "20261202140309ABCDEFGH"
    with pytest.raises(IntegrityError), transaction.atomic():
        report()


def test_a_report_without_its_number_and_an_unknown_kind_are_refused(market_bureau):
    common = {"organ": market_bureau, "about": "x", "addressee": "x", "content": {}, "at": ISSUED}
    with pytest.raises(ValueError, match="22-character"):
        issue_document(kind="credit_report", **common)
    with pytest.raises(ValueError, match="love_letter"):
        issue_document(kind="love_letter", **common)
    assert not Document.objects.exists()


def test_codes_cannot_be_misread_and_are_read_however_they_are_typed(issue):
    code = issue().verification_code
    assert re.fullmatch(r"[2-9A-HJKMNP-Z]{16}", code)
    assert re.fullmatch(r"(\w{4}-){3}\w{4}", in_groups(code))
    assert clean_verification_code(f" {in_groups(code).lower()} ") == code
    wide = "".join(chr(ord(c) + 0xFEE0) for c in code)
    assert clean_verification_code(wide) == code
    assert clean_verification_code(code[:-1]) is None
    assert clean_verification_code("0" + code[1:]) is None


def test_rendering_happens_once_and_is_in_the_ledger(issue):
    document = render_document(issue().pk, at=ISSUED)
    again = render_document(document.pk, at=ISSUED + timedelta(minutes=1))
    assert again.pdf_id == document.pdf_id
    assert document.pdf.name == f"信用修复申请受理通知书 {document.number}.pdf"
    assert document.pdf.pages == 2
    event = Event.objects.get(chain=document.about, verb="document.rendered")
    assert event.payload["pdf_sha256"] == document.pdf.sha256


def test_committing_nudges_the_worker(issue, django_capture_on_commit_callbacks, broker):
    with django_capture_on_commit_callbacks(execute=True):
        document = issue()
        assert broker.nudges == []
    assert broker.nudges == [("applications.documents.tasks.render_document", [str(document.pk)])]


@pytest.mark.parametrize("error", [OperationalError("Connection refused"), PermissionError("broker")])
def test_a_broker_that_is_down_does_not_break_the_decision(
    issue, django_capture_on_commit_callbacks, broker, error
):
    broker.down = error
    with django_capture_on_commit_callbacks(execute=True):
        document = issue()
    # The sweep is the guarantee.
    assert tasks.render_documents() == 1
    document.refresh_from_db()
    assert document.pdf is not None


def test_a_sweep_lets_those_go_first_who_wait_behind_it(
    issue, broker, monkeypatch, django_capture_on_commit_callbacks
):
    issue(), issue()
    for seconds, made, nudges in ((0, 1, 1), (600, 1, 1)):
        monkeypatch.setattr(tasks, "GIVES_WAY_AFTER", seconds)
        with django_capture_on_commit_callbacks(execute=True):
            assert tasks.render_documents() == made
        again = [each for each in broker.nudges if each[0] == "applications.documents.tasks.render_documents"]
        assert len(again) == nudges


def test_a_sweep_that_can_make_none_waits_for_the_next(
    issue, broker, monkeypatch, django_capture_on_commit_callbacks
):
    issue(Kind.CORRECTION_NOTICE, received_on="no date")
    monkeypatch.setattr(tasks, "GIVES_WAY_AFTER", 0)
    with django_capture_on_commit_callbacks(execute=True):
        assert tasks.render_documents() == 0
    assert not [each for each in broker.nudges if each[0] == "applications.documents.tasks.render_documents"]


def test_one_bad_document_does_not_stop_the_sweep_and_raises_the_alarm(issue, caplog):
    bad = issue(Kind.CORRECTION_NOTICE, received_on="no date")
    good = issue()
    for attempt in range(1, 6):
        caplog.clear()
        assert tasks.render_documents() == (1 if attempt == 1 else 0)
        bad.refresh_from_db()
        assert bad.render_attempts == attempt
        alarms = [r for r in caplog.records if r.levelname == "CRITICAL"]
        assert len(alarms) == (1 if attempt == 5 else 0)
    assert "no date" in bad.render_error
    good.refresh_from_db()
    assert good.pdf is not None
    assert good.render_attempts == 1


def test_a_failing_task_ends_as_a_failure(issue):
    bad = issue(Kind.CORRECTION_NOTICE, received_on="no date")
    with pytest.raises(ValueError, match="no date"):
        tasks.render_document(str(bad.pk))


def test_voiding_needs_a_reason_happens_once_and_keeps_the_document(notice, zhao):
    with pytest.raises(ValidationError, match="请写明作废原因"):
        void_document(document=notice, reason="  ", actor=zhao, at=ISSUED)
    with pytest.raises(ValidationError, match="不超过300字"):
        void_document(document=notice, reason="错" * 301, actor=zhao, at=ISSUED)
    voided = void_document(document=notice, reason="主体名称有误", actor=zhao, at=ISSUED)
    assert (voided.status, voided.void_reason, voided.voided_at) == ("void", "主体名称有误", ISSUED)
    assert voided.pdf is not None
    with pytest.raises(ValidationError, match="此前已经作废"):
        void_document(document=notice, reason="再来一次", actor=zhao, at=ISSUED)
    event = Event.objects.get(verb="document.voided")
    assert (event.actor, event.payload["number"]) == (zhao, notice.number)


def test_a_failure_in_foreign_words_is_noted(issue, monkeypatch):
    """PostgreSQL takes no NUL, and nothing takes half a surrogate."""
    document = issue()

    def fail(document):
        raise ValueError("font a\0b\ud800\nCRITICAL forged")

    monkeypatch.setattr("applications.documents.rendering.render_pdf", fail)
    assert tasks.render_documents() == 0
    document.refresh_from_db()
    assert document.render_error == "ValueError: font a\ufffdb\ufffd CRITICAL forged"


def test_a_failure_that_cannot_be_noted_is_an_alarm_and_stops_no_other(issue):
    bad = issue(Kind.CORRECTION_NOTICE, received_on="no date")
    refuse("documents_document", f"NEW.id = {key_of(bad)} AND NEW.render_error <> ''")
    issue()
    assert tasks.render_documents() == 1
    assert Fault.objects.values_list("work", "row").get() == ("document", str(bad.pk))
