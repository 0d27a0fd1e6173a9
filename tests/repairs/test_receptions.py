"""Article 19: an application brought to the window or sent by post takes the same way as one made online."""

from datetime import date

import pytest
from django.core.exceptions import ValidationError

from applications.commitments.models import SigningWay
from applications.deadlines.models import Deadline
from applications.documents.models import Document
from applications.ledger.models import Event
from applications.notifications.models import Message
from applications.repairs import services, steps
from applications.repairs.errors import NotAllowed, NotReady
from applications.repairs.models import Filing, Reception
from applications.repairs.services import check_queues
from applications.repairs.services.proofs import record_service, unserved
from applications.repairs.services.receptions import find_subject
from applications.subjects.identity import identity_digest
from applications.subjects.models import Subject
from tests.fixtures import make_user, moment
from tests.repairs.receptions import RESIDENT_ID, enter, filed, filled_in, received
from tests.repairs.steps import all_confirmed, open_papers, paper, pdf

pytestmark = pytest.mark.django_db

OTHER_ID = "110101199003074514"


def test_at_the_window_it_is_the_same_case_clock_and_chain(general_record, market_bureau, wang):
    case = filed(general_record, wang)
    assert case.status == "submitted" and case.number.startswith("XF-320100-2026-")
    clock = Deadline.objects.get(case_number=case.number)
    # Monday the 23rd does not count: Tuesday, Wednesday, Thursday the 26th.
    assert (clock.kind, clock.started_on, clock.due_on) == (
        "acceptance", date(2026, 11, 23), date(2026, 11, 26),
    )  # fmt: skip
    event = Event.objects.get(chain=case.number, verb="repair.submitted")
    assert (event.actor, event.role, event.organ) == (wang, "applicant", market_bureau)
    assert event.payload["channel"] == "window"
    assert case.filing.channel == "窗口"
    assert check_queues(at=moment("2026-11-23 12:00")) == []


def test_what_came_by_post_is_counted_from_its_receipt(general_record, wang):
    """Received on Thursday the 19th, entered on Monday the 23rd: Friday 1, Monday 2, Tuesday the 24th 3."""
    case = filed(general_record, wang, channel="post", received_on=date(2026, 11, 19))
    clock = Deadline.objects.get(case_number=case.number)
    assert (clock.started_on, clock.due_on) == (date(2026, 11, 19), date(2026, 11, 24))
    receipt = Document.objects.get(about=case.number, kind="receipt").content
    assert (receipt["received_on"], receipt["channel"]) == ("2026-11-19", "邮寄")
    assert receipt["answer_by"]["date"] == "2026-11-24"
    assert receipt["tracking_code"] == case.tracking_code
    steps.accept_case(case=case, actor=wang, at=moment("2026-11-23 11:00"))
    notice = Document.objects.get(about=case.number, kind="acceptance_notice").content
    assert notice["received_on"] == "2026-11-19"


@pytest.mark.parametrize(
    ("changed", "field", "words"),
    [
        ({"received_on": date(2026, 11, 24)}, "received_on", "不能晚于今天"),
        ({"received_on": date(2020, 1, 1)}, "received_on", "不能早于处罚决定日期"),
        ({"identity_number": "110105194912310020"}, "identity_number", "身份证号码不正确"),
        ({"came_as": "person"}, "came_as", "法定代表人"),
    ],
)
def test_what_cannot_be_so_is_refused_by_its_field(general_record, wang, changed, field, words):
    with pytest.raises(ValidationError, match=words) as refused:
        received(general_record, wang, **changed)
    assert set(refused.value.message_dict) == {field}
    assert not Reception.objects.exists() and not Filing.objects.exists()


@pytest.fixture
def persons_record(general_record):
    subject = Subject.objects.create(
        kind="natural_person", name="周示安", identity_type="resident_id", identity_number=RESIDENT_ID,
        identity_digest=identity_digest("resident_id", RESIDENT_ID),
    )  # fmt: skip
    general_record.subject = subject
    general_record.save()
    return general_record


@pytest.mark.parametrize(
    ("changed", "field"),
    [({"came_name": "吕代办"}, "came_name"), ({"identity_number": OTHER_ID}, "identity_number")],
)
def test_a_person_is_who_the_register_says(persons_record, wang, changed, field):
    itself = {"came_as": "person", "came_name": "周示安"}
    with pytest.raises(ValidationError, match="不一致") as refused:
        received(persons_record, wang, **itself | changed)
    assert set(refused.value.message_dict) == {field}
    assert received(persons_record, wang, **itself).came_name == "周示安"


def test_at_the_window_a_person_signs_on_the_print(persons_record, wang):
    """An officer has no other way of signing to choose, and is not told to choose one."""
    with pytest.raises(NotReady, match="请由本人在打印的承诺书上签名") as refused:
        filled_in(received(persons_record, wang), wang)
    assert "受托人代签" not in str(refused.value)


def test_a_new_representative_is_received_and_brings_the_proof(general_record, wang):
    """ADR 0032: another than the register's signs with a paper that proves the change, at the window too."""
    given = {"came_as": "legal_representative", "came_name": "张新任"}
    case = filled_in(received(general_record, wang, **given), wang, without=("authorisation",))
    missing = "请上传法定代表人（负责人）变更证明（来人“张新任”不是登记的“陈示例”）。"
    with pytest.raises(NotReady) as refused:
        steps.submit_case(case=case, actor=wang, at=moment("2026-11-23 10:00"))
    assert list(refused.value.problems) == [missing]
    enter(case, "representative", wang, moment("2026-11-23 10:01"))
    services.sign_commitment(
        case=case,
        signatory="张新任",
        publication_consent=True,
        actor=wang,
        at=moment("2026-11-23 10:02"),
        how=SigningWay.PAPER,
    )
    case = steps.submit_case(case=case, actor=wang, at=moment("2026-11-23 10:03"))
    assert case.status == "submitted" and case.filing.commitment.signatory == "张新任"


def test_the_registered_representative_brings_no_proof(general_record, wang):
    given = {"came_as": "legal_representative", "came_name": "陈示例"}
    case = filled_in(received(general_record, wang, **given), wang, without=("authorisation",))
    case = steps.submit_case(case=case, actor=wang, at=moment("2026-11-23 10:00"))
    assert case.status == "submitted"


def test_only_acceptors_of_a_competent_organ_receive(general_record, alice, li, zhao, sun, outsider, qian):
    for person in (alice, li, zhao, sun, outsider):
        with pytest.raises(NotAllowed):
            received(general_record, person)
    assert received(general_record, qian).organ == qian.organ


def test_a_record_has_one_open_case_whichever_way_it_came(general_record, market_bureau, alice, wang):
    services.start_case(
        record=general_record, organ=market_bureau, applicant=alice, at=moment("2026-11-20 09:00")
    )
    with pytest.raises(NotReady, match="已有办理中的申请"):
        received(general_record, wang)
    assert not Reception.objects.exists()


@pytest.mark.parametrize(
    ("without", "words"),
    [
        ("signed_commitment", "承诺书扫描件"),
        ("authorisation", "授权委托书"),
        ("fulfilment", "履行完毕证明"),
    ],
)
def test_what_is_missing_is_named(general_record, wang, without, words):
    case = filled_in(received(general_record, wang), wang, without=(without,))
    with pytest.raises(NotReady, match=words):
        steps.submit_case(case=case, actor=wang, at=moment("2026-11-23 10:00"))
    case.refresh_from_db()
    assert case.status == "draft"


def test_the_number_is_not_readable_in_the_database(general_record, wang):
    from django.db import connection

    reception = received(general_record, wang)
    with connection.cursor() as cursor:
        cursor.execute("SELECT identity_number FROM repairs_reception")
        [(stored,)] = cursor.fetchall()
    assert RESIDENT_ID not in stored and stored
    reception.refresh_from_db()
    assert reception.identity_number == RESIDENT_ID and reception.masked_number == "1101**********002X"
    payloads = " ".join(map(str, Event.objects.values_list("payload", flat=True)))
    assert RESIDENT_ID not in payloads


def test_its_draft_is_the_organs_and_the_case_the_subjects_too(general_record, alice, wang, li):
    colleague = make_user("xie@example.com", "谢受理", wang.organ, "intake")
    case = filled_in(received(general_record, wang), wang)
    for person in (alice, li):
        with pytest.raises(NotAllowed):
            steps.submit_case(case=case, actor=person, at=moment("2026-11-23 10:00"))
    case = steps.submit_case(case=case, actor=colleague, at=moment("2026-11-23 10:00"))
    # Once it is before the officers the subject's account has it like any other.
    assert steps.withdraw_case(case=case, actor=alice, at=moment("2026-11-23 11:00")).status == "withdrawn"


def test_two_officers_at_once_submit_once(general_record, wang):
    case = filled_in(received(general_record, wang), wang)
    steps.submit_case(case=case, actor=wang, at=moment("2026-11-23 10:00"), version=case.version)
    with pytest.raises(services.StaleCase):
        steps.submit_case(case=case, actor=wang, at=moment("2026-11-23 10:01"), version=case.version)
    assert Document.objects.filter(kind="receipt").count() == 1


def test_nobody_is_told_by_mail_and_the_officer_is_not_taken_for_the_applicant(
    general_record, wang, li, zhao
):
    case = filed(general_record, wang)
    case = steps.accept_case(case=case, actor=wang, at=moment("2026-11-23 11:00"))
    open_papers(case, li)
    steps.review_case(case=case, checklist=all_confirmed(case), actor=li, at=moment("2026-11-24 10:00"))
    case.refresh_from_db()
    steps.grant_case(case=case, actor=zhao, at=moment("2026-11-25 10:00"))
    assert not Message.objects.filter(key__contains=":repair.").exists()
    assert not Message.objects.filter(recipient=wang).exists()
    waiting = unserved(wang).values_list("kind", flat=True)
    assert sorted(waiting) == ["acceptance_notice", "grant_decision", "receipt"]


def test_the_reviewer_has_to_open_the_document_that_was_compared(general_record, wang, li):
    """The word of whoever received it is not enough: the scan is one of the papers that show who signed."""
    case = steps.accept_case(case=filed(general_record, wang), actor=wang, at=moment("2026-11-23 11:00"))
    with pytest.raises(NotReady, match=r"身份证\.pdf"):
        steps.review_case(case=case, checklist=all_confirmed(case), actor=li, at=moment("2026-11-24 10:00"))


def test_the_commitment_says_that_it_was_signed_by_hand(general_record, wang):
    from applications.documents.rendering import render_html

    case = filed(general_record, wang)
    commitment = case.filing.commitment
    assert commitment.signed_by == wang and commitment.signatory == "陈示例"
    html = render_html(commitment.document)
    assert "在打印的承诺书上签名并加盖公章，上传扫描件" in html and "以电子方式签署" not in html


def test_a_correction_that_is_brought_starts_its_days_when_it_came(general_record, wang):
    case = filed(general_record, wang)
    defects = [steps.Defect("fulfilment", "凭证不清晰。", "请重新扫描。")]
    steps.draft_correction(case=case, defects=defects, actor=wang, at=moment("2026-11-24 09:00"))
    case = steps.ask_for_correction(case=case, actor=wang, at=moment("2026-11-24 10:00"))
    at = moment("2026-11-27 10:00")
    services.add_material(case=case, kind="fulfilment", upload=pdf("新凭证.pdf"), actor=wang, at=at)
    case = steps.resubmit_case(case=case, actor=wang, at=at, received_on=date(2026, 11, 26))
    clock = Deadline.objects.get(case_number=case.number, round=2, kind="acceptance")
    # Received on Thursday the 26th: Friday 1, Monday 2, Tuesday 1 December 3.
    assert (clock.started_on, clock.due_on) == (date(2026, 11, 26), date(2026, 12, 1))
    assert check_queues(at=at) == []


def served(case, actor, at="2026-11-24 15:00", **changed):
    letter = Document.objects.get(about=case.number, kind="receipt")
    given = {
        "document": letter,
        "how": "handed",
        "recipient": "陈经办",
        "served_on": date(2026, 11, 23),
        "tracking_number": "",
        "scan": paper("回证.pdf"),
    } | changed
    return record_service(**given, case=case, actor=actor, at=moment(at))


def test_a_letter_is_served_once_by_the_organ_that_received(general_record, wang, li, qian, outsider):
    case = filed(general_record, wang)
    for person in (li, qian, outsider):
        with pytest.raises(NotAllowed):
            served(case, person)
    proof = served(case, wang)
    assert not unserved(wang).exists()
    event = Event.objects.get(chain=case.number, verb="repair.letter_served")
    assert event.payload["document"] == proof.document.number and event.payload["served_on"] == "2026-11-23"
    with pytest.raises(ValidationError, match=r"王受理已于.*登记这份文书的送达，没有重复登记"):
        served(case, wang)


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"served_on": date(2026, 11, 25)}, "served_on"),
        ({"served_on": date(2026, 11, 22)}, "served_on"),
        ({"how": "posted"}, "tracking_number"),
    ],
)
def test_a_service_that_cannot_be_so_is_refused(general_record, wang, changed, field):
    case = filed(general_record, wang)
    with pytest.raises(ValidationError) as refused:
        served(case, wang, **changed)
    assert set(refused.value.message_dict) == {field}
    assert unserved(wang).exists()


def test_a_subject_is_found_by_its_whole_code_and_that_is_an_event(general_record, acme, wang, outsider):
    given = {"code": acme.uscc, "identity_type": "", "purpose": "窗口收件", "at": moment("2026-11-23 09:00")}
    assert find_subject(**given, actor=wang) == acme
    event = Event.objects.get(verb="subject.looked_up")
    assert (event.actor, event.payload["purpose"]) == (wang, "窗口收件")
    # Another unit is not competent for any of its records and learns nothing.
    assert find_subject(**given, actor=outsider) is None
    assert Event.objects.filter(verb="subject.looked_up").count() == 1
