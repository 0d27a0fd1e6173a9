"""On site: places, enrolment, cancelling, who came, and the calendar."""

from datetime import UTC, datetime

import pytest
import time_machine
from django.urls import reverse
from icalendar import Calendar

from applications.ledger.models import Event
from applications.notifications.models import Message
from applications.subjects.models import Claim, Subject
from applications.training.errors import NotPossible
from applications.training.models import Enrolment, Meeting, TrainingCertificate
from applications.training.services import attending, publishing
from tests.fixtures import TODAY, make_user, moment
from tests.pages import seen, text
from tests.training.offering import open_meeting, written_meeting

pytestmark = pytest.mark.django_db
AFTER = moment("2026-12-03 17:00")


@pytest.fixture
def meeting(qian):
    return open_meeting(qian)


def enrolled(meeting, subject, person, at=TODAY) -> Enrolment:
    return attending.enrol(meeting=meeting, subject=subject, person=person, at=at)


def taken(meeting):
    meeting.refresh_from_db()
    return meeting.taken


def test_enrolling_and_giving_up(client, meeting, acme, alice):
    assert "余2个名额" in text(client.get(reverse("training:offered")))
    client.force_login(alice)
    page = client.post(reverse("training:enrol", args=[meeting.pk]), {"subject": acme.pk}, follow=True)
    assert "已报名" in text(page) and "取消报名" in text(page) and taken(meeting) == 1
    assert meeting.title in text(client.get(reverse("training:mine")))
    # Twice is once.
    page = client.post(reverse("training:enrol", args=[meeting.pk]), {"subject": acme.pk})
    assert page.status_code == 409 and "已经为这个主体报了名" in text(page) and taken(meeting) == 1
    enrolment = Enrolment.objects.get()
    for _ in range(2):
        page = client.post(reverse("training:give_up", args=[enrolment.pk]), follow=True)
        assert taken(meeting) == 0
    assert "没有再取消" in text(page)
    # The place is free again, for the same person too.
    client.post(reverse("training:enrol", args=[meeting.pk]), {"subject": acme.pk})
    assert taken(meeting) == 1 and Enrolment.objects.count() == 1
    verbs = Event.objects.filter(chain=enrolment.chain).order_by("position").values_list("verb", flat=True)
    assert [*verbs] == ["training.enrolled", "training.enrolment_cancelled", "training.enrolled"]


def test_a_full_a_past_and_a_cancelled_meeting_say_so(client, qian, acme, alice, bob):
    full = open_meeting(qian, places=1)
    enrolled(full, acme, bob)
    late = open_meeting(qian, enrol_until=moment("2026-11-23 10:30"))
    client.force_login(alice)
    address = reverse("training:enrol", args=[full.pk])
    page = client.post(address, {"subject": acme.pk})
    assert page.status_code == 409 and "名额已满" in text(page) and taken(full) == 1
    with time_machine.travel(moment("2026-11-23 11:00"), tick=False):
        client.force_login(alice)
        page = client.post(reverse("training:enrol", args=[late.pk]), {"subject": acme.pk})
        assert page.status_code == 409 and "报名已经截止" in text(page)
    publishing.cancel_meeting(meeting=full, reason="场地停电", actor=qian, at=TODAY)
    client.force_login(alice)
    page = client.post(address, {"subject": acme.pk})
    assert page.status_code == 409 and "已经取消" in text(page) and "场地停电" in text(page)
    told = Message.objects.get(recipient=bob, channel="inbox")
    assert "已取消" in told.subject and "场地停电" in told.body


def test_not_for_strangers_officers_and_drafts(client, meeting, qian, acme, charlie, alice):
    draft = written_meeting(qian)
    address = reverse("training:enrol", args=[meeting.pk])
    assert client.post(address, {"subject": acme.pk}).url.startswith("/accounts/login/")
    client.force_login(charlie)
    assert client.post(address, {"subject": acme.pk}).status_code == 422
    client.force_login(qian)
    assert client.post(address, {"subject": acme.pk}).status_code == 403
    client.force_login(alice)
    for name in ("meeting", "enrol", "meeting_calendar"):
        send = client.post if name == "enrol" else client.get
        assert send(reverse(f"training:{name}", args=[draft.pk]), {"subject": acme.pk}).status_code == 404
    enrolment = enrolled(meeting, acme, alice)
    client.force_login(charlie)
    assert client.post(reverse("training:give_up", args=[enrolment.pk])).status_code == 404
    assert taken(meeting) == 1


def test_the_list_of_who_came_and_their_certificates(client, meeting, qian, acme, alice, bob, sun):
    came, absent = enrolled(meeting, acme, alice), enrolled(meeting, acme, bob)
    address = reverse("admin:training_meeting_attendance", args=[meeting.pk])
    client.force_login(qian)
    page = client.post(address, {"came": [came.pk]})
    assert page.status_code == 409 and "培训结束以后" in text(page)
    with time_machine.travel(AFTER, tick=False):
        client.force_login(sun)
        assert client.post(address, {"came": [came.pk]}).status_code == 404
        client.force_login(qian)
        assert client.post(address, {"came": [came.pk]}).status_code == 302
        certificate = TrainingCertificate.objects.get()
        assert (certificate.person, certificate.enrolment, certificate.completed_on.isoformat()) == (
            alice, came, "2026-12-03",
        )  # fmt: skip
        # Corrected later; who has a certificate came.
        client.post(address, {"came": [absent.pk]})
        assert TrainingCertificate.objects.count() == 2
        came.refresh_from_db()
        assert came.state == "attended"
        assert seen(client.get(address)).count("已参加") == 2
    assert Message.objects.filter(
        recipient=alice, channel="inbox", subject__contains="培训证书已经出具"
    ).exists()
    client.force_login(alice)
    assert certificate.number in text(client.get(reverse("training:mine")))


def test_one_name_that_cannot_be_printed_stops_no_other(client, meeting, qian, acme, alice, bob):
    type(bob).objects.filter(pk=bob.pk).update(name="鲍\ue000")
    bob.refresh_from_db()
    both = [enrolled(meeting, acme, each).pk for each in (bob, alice)]
    with time_machine.travel(AFTER, tick=False):
        client.force_login(qian)
        page = client.post(reverse("admin:training_meeting_attendance", args=[meeting.pk]), {"came": both})
    assert page.status_code == 409 and "没有签发" in text(page)
    assert TrainingCertificate.objects.get().person == alice
    assert Enrolment.objects.filter(state="attended").count() == 2


def changing(meeting, **changes):
    form = {
        "title": meeting.title,
        "summary": meeting.summary,
        "public_interest": "on",
        "place": meeting.place,
    }
    for name in ("starts_at", "ends_at", "enrol_until"):
        at = getattr(meeting, name).astimezone(TODAY.tzinfo)
        form[name] = f"{at:%Y-%m-%dT%H:%M}"
    return form | {"places": meeting.places, "seen": meeting.revision} | changes


def test_an_officer_makes_publishes_and_moves_a_meeting(client, qian, acme, alice):
    client.force_login(qian)
    form = changing(written_meeting(qian))
    assert client.post(reverse("admin:training_meeting_add"), form | {"seen": "0"}).status_code == 302
    meeting = Meeting.objects.latest("pk")
    assert client.post(reverse("admin:training_meeting_publish", args=[meeting.pk])).status_code == 302
    assert "不能发布" in text(client.post(reverse("admin:training_meeting_publish", args=[meeting.pk])))
    enrolled(meeting, acme, alice)
    address = reverse("admin:training_meeting_change", args=[meeting.pk])
    page = client.post(address, changing(meeting, ends_at="2026-12-03T13:00", enrol_until="2026-12-04T18:00"))
    assert "结束时间应当晚于开始时间" in text(page) and "报名截止不能晚于开始时间" in text(page)
    assert client.post(address, changing(meeting, place="二楼")).status_code == 302
    meeting.refresh_from_db()
    assert meeting.place == "二楼" and meeting.taken == 1
    assert "二楼" in Message.objects.get(recipient=alice, channel="inbox").body
    verbs = Event.objects.filter(chain=meeting.chain).order_by("position").values_list("verb", flat=True)
    assert [*verbs] == ["meeting.published", "meeting.changed"]


def test_places_are_never_fewer_than_people(client, qian, acme, alice, bob):
    meeting = open_meeting(qian)
    for person in (alice, bob):
        enrolled(meeting, acme, person)
    client.force_login(qian)
    page = client.post(
        reverse("admin:training_meeting_change", args=[meeting.pk]), changing(meeting, places="1")
    )
    assert "已经有2人报名" in text(page)
    meeting.refresh_from_db()
    assert meeting.places == 2


def test_cancelling_needs_a_reason_and_a_meeting_to_come(client, qian, meeting):
    client.force_login(qian)
    address = reverse("admin:training_meeting_cancel", args=[meeting.pk])
    assert client.post(address, {"reason": " "}).status_code == 200
    meeting.refresh_from_db()
    assert meeting.state == "published"
    with pytest.raises(NotPossible):
        publishing.cancel_meeting(meeting=meeting, reason="迟了", actor=qian, at=AFTER)
    assert client.post(address, {"reason": "停电"}).status_code == 302
    assert client.post(address, {"reason": "停电"}).status_code == 409


@pytest.mark.parametrize(("at", "advised"), [("2026-12-03 13:59", True), ("2026-12-03 14:00", False)])
def test_once_it_has_begun_nobody_is_advised_to_give_up(qian, meeting, acme, alice, at, advised):
    enrolment = enrolled(meeting, acme, alice)
    later = {"ends_at": moment("2026-12-03 17:00")}
    publishing.change_meeting(meeting=meeting, values=later, actor=qian, at=moment(at))
    told = Message.objects.get(recipient=alice, channel="inbox").body
    assert told.startswith("现在是：2026年12月3日 14:00—17:00，南京市示例路2号一楼。")
    assert ("取消报名" in told) == advised
    if not advised:
        with pytest.raises(NotPossible):
            attending.give_up(enrolment=enrolment, at=moment(at))


def test_the_pages_of_a_cancelled_meeting_say_the_same(client, qian, meeting, acme, alice):
    enrolled(meeting, acme, alice)
    client.force_login(alice)
    pages = [reverse("training:meeting", args=[meeting.pk]), reverse("training:mine")]
    assert "到场由工作人员登记" in text(client.get(pages[0]))
    for address in pages:
        assert "已报名" in text(client.get(address))
    publishing.cancel_meeting(meeting=meeting, reason="停电", actor=qian, at=TODAY)
    for address in pages:
        page = text(client.get(address))
        assert "培训已取消" in page and "已报名" not in page and "到场由工作人员登记" not in page


def test_the_calendar_has_what_is_to_come(client, qian, meeting):
    written_meeting(qian, title="草稿")
    over = open_meeting(qian, title="已过", enrol_until=moment("2026-11-23 10:30"), starts_at=moment("2026-11-23 11:00"), ends_at=moment("2026-11-23 12:00"))  # fmt: skip
    with time_machine.travel(moment("2026-11-24 09:00"), tick=False):
        answer = client.get("/training/calendar.ics")
        one = client.get(reverse("training:meeting_calendar", args=[over.pk]))
    assert answer["Content-Type"] == "text/calendar; charset=utf-8"
    [event] = Calendar.from_ical(answer.content).events
    assert event["DTSTART"].dt == datetime(2026, 12, 3, 6, tzinfo=UTC)
    assert (str(event["SUMMARY"]), str(event["LOCATION"])) == (
        "信用修复培训：信用修复现场培训",
        meeting.place,
    )
    assert event["UID"] == f"meeting-{meeting.pk}@testserver"
    [event] = Calendar.from_ical(one.content).events
    assert str(event["SUMMARY"]).endswith("已过")
    publishing.cancel_meeting(meeting=meeting, reason="停电", actor=qian, at=TODAY)
    [event] = Calendar.from_ical(
        client.get(reverse("training:meeting_calendar", args=[meeting.pk])).content
    ).events
    assert event["STATUS"] == "CANCELLED"


def test_an_account_without_a_name_is_told(client, meeting, acme):
    from applications.subjects.models import Claim

    nameless = make_user("nameless@example.com", "")
    Claim.objects.create(
        user=nameless, subject=acme, capacity="employee", status=Claim.Status.VERIFIED, made_at=TODAY
    )
    client.force_login(nameless)
    page = client.post(reverse("training:enrol", args=[meeting.pk]), {"subject": acme.pk})
    assert page.status_code == 409 and "没有填写姓名" in text(page) and taken(meeting) == 0


def test_one_person_comes_for_two_subjects_on_one_place(client, qian, acme, alice):
    meeting = open_meeting(qian, places=1)
    other = Subject.objects.create(kind="organisation", name="南京另一家有限公司", uscc="91320100MA1TEST07X")
    Claim.objects.create(user=alice, subject=other, capacity="employee", status="verified", made_at=TODAY)
    client.force_login(alice)
    page, enrolling = (
        reverse("training:meeting", args=[meeting.pk]),
        reverse("training:enrol", args=[meeting.pk]),
    )
    client.post(enrolling, {"subject": acme.pk})
    assert "您只占一个名额" in text(client.get(page))
    client.post(enrolling, {"subject": other.pk})
    meeting.refresh_from_db()
    assert (meeting.enrolments.count(), meeting.taken) == (2, 1)
    assert "您只占一个名额" not in text(client.get(page))
    assert client.post(enrolling, {"subject": other.pk}).status_code == 409
    first, second = meeting.enrolments.order_by("id")
    # The place is free when nothing of the person stands any more.
    for enrolment, left in ((first, 1), (second, 0)):
        client.post(reverse("training:give_up", args=[enrolment.pk]))
        meeting.refresh_from_db()
        assert meeting.taken == left
    # Coming back for one takes it again.
    client.post(enrolling, {"subject": other.pk})
    meeting.refresh_from_db()
    assert (meeting.enrolments.count(), meeting.taken) == (2, 1)
