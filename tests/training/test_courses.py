"""Courses on line: written and published by officers, read and passed by participants, whatever happens to the course meanwhile."""

import pytest
from django.urls import reverse

from applications.documents.models import Document
from applications.ledger.models import Event
from applications.subjects.models import Claim, Subject
from applications.training.models import Course, Study, TrainingCertificate
from applications.training.services import publishing
from tests.fixtures import TODAY, make_user, moment
from tests.pages import seen, text
from tests.training.offering import open_course, written_course

pytestmark = pytest.mark.django_db
RIGHT, WRONG = {"q0": "2", "q1": "2"}, {"q0": "1", "q1": "2"}


@pytest.fixture
def course(qian):
    return open_course(qian)


def begin(client, course, subject, person) -> Study:
    client.force_login(person)
    sent = client.post(reverse("training:begin", args=[course.pk]), {"subject": subject.pk})
    study = Study.objects.latest("pk")
    assert sent.url == reverse("training:study", args=[study.pk])
    return study


def read(client, study, chapters=2):
    for number in range(1, chapters + 1):
        client.post(reverse("training:chapter", args=[study.pk, number]))
    study.refresh_from_db()


def hand_in(client, study, answers, tries=0, **more):
    return client.post(reverse("training:quiz", args=[study.pk]), {"tries": tries, **answers}, **more)


def verbs(chain):
    return list(Event.objects.filter(chain=chain).order_by("position").values_list("verb", flat=True))


# -- Officers


def writing(course=None, **changes):
    """The form of a course as a browser sends it."""
    chapters, questions = [], []
    if course:
        chapters, questions = list(course.chapters.all()), list(course.questions.all())
    form = {"title": "新课", "summary": "简介", "public_interest": "on", "pass_percent": "80", "seen": "0"}
    if course:
        form |= {"title": course.title, "summary": course.summary, "seen": str(course.revision)}
    for prefix, rows, names in (
        ("chapters", chapters, ("position", "title", "text")),
        ("questions", questions, ("position", "text", "options", "right", "why")),
    ):
        form |= {f"{prefix}-TOTAL_FORMS": len(rows), f"{prefix}-INITIAL_FORMS": len(rows)}
        for at, row in enumerate(rows):
            form |= {f"{prefix}-{at}-id": row.pk, f"{prefix}-{at}-course": course.pk}
            form |= {f"{prefix}-{at}-{name}": getattr(row, name) for name in names}
    return form | changes


def test_an_officer_writes_looks_and_publishes(client, qian, sun):
    client.force_login(qian)
    made = writing() | {
        "chapters-TOTAL_FORMS": 1, "chapters-0-position": 1, "chapters-0-title": "第一讲", "chapters-0-text": "正文",
        "questions-TOTAL_FORMS": 1, "questions-0-position": 1, "questions-0-text": "收费吗？",
        "questions-0-options": "收\n不收", "questions-0-right": 2, "questions-0-why": "免费。",
    }  # fmt: skip
    assert client.post(reverse("admin:training_course_add"), made).status_code == 302
    course = Course.objects.get()
    assert (course.organ, course.made_by, course.state) == (qian.organ, qian, "draft")
    # Nobody sees it before it is published.
    assert client.get(reverse("training:course", args=[course.pk])).status_code == 404
    assert "新课" not in text(client.get(reverse("training:offered")))
    publish = reverse("admin:training_course_publish", args=[course.pk])
    assert "不收（正确）" in seen(client.get(publish))
    assert client.post(publish).status_code == 302
    assert "新课" in text(client.get(reverse("training:offered")))
    assert verbs(course.chain) == ["course.published"]
    assert "相同，不用再发布" in text(client.post(publish))
    # Another organ's is not there, for a supervisor of a department either.
    client.force_login(sun)
    for address in (publish, reverse("admin:training_course_change", args=[course.pk])):
        assert client.get(address).status_code == 404
        assert client.post(address).status_code == 404


def test_who_does_not_organise_has_no_desk(client, wang, alice):
    for person in (wang, alice):
        client.force_login(person)
        assert client.get(reverse("admin:training_course_changelist")).status_code in (302, 403)
        assert client.get(reverse("admin:training_course_add")).status_code in (302, 403)


def test_what_is_lacking_is_named(client, qian):
    course = written_course(qian)
    course.chapters.all().delete()
    course.questions.filter(position=1).update(options="只有一个")
    course.questions.filter(position=2).update(right=3)
    client.force_login(qian)
    page = client.post(reverse("admin:training_course_publish", args=[course.pk]))
    assert page.status_code == 409
    for words in ("至少写一章", "第1题：选项应当是2至6行", "第2题：只有2个选项，正确的不能是第3个"):
        assert words in text(page)
    assert not course.editions.exists()


def test_what_a_colleague_saved_meanwhile_is_not_written_over_unseen(client, qian):
    course = written_course(qian)
    client.force_login(qian)
    address = reverse("admin:training_course_change", args=[course.pk])
    first, second = writing(course, title="甲"), writing(course, title="乙")
    assert client.post(address, first).status_code == 302
    page = client.post(address, second)
    assert "保存了修改，您填写的没有保存" in text(page) and 'value="乙"' in text(page)
    course.refresh_from_db()
    assert course.title == "甲"
    assert client.post(address, second | {"seen": "1"}).status_code == 302


# -- Participants


def test_from_the_list_to_the_certificate(client, course, acme, alice):
    page = client.get(reverse("training:offered"))
    assert "信用修复入门" in text(page) and "公益" in text(page)
    study = begin(client, course, acme, alice)
    assert client.get(reverse("training:study", args=[study.pk]), follow=True).context["number"] == 1
    read(client, study, 1)
    # It goes on where it was left.
    assert client.get(reverse("training:study", args=[study.pk]), follow=True).context["number"] == 2
    assert "继续学习" in text(client.get(reverse("training:course", args=[course.pk])))
    read(client, study)
    page = hand_in(client, study, RIGHT, follow=True)
    assert "测验合格" in text(page)
    certificate = TrainingCertificate.objects.get()
    assert certificate.number in text(page) and certificate.number == "宁信中心信修培〔2026〕1号"
    assert (certificate.person_name, certificate.subject, certificate.completed_on) == (
        "陈示例", acme, TODAY.date(),
    )  # fmt: skip
    assert verbs(study.chain) == [
        "training.begun", "training.passed", "document.issued", "training.certificate_issued",
    ]  # fmt: skip
    assert certificate.number in text(client.get(reverse("training:mine")))
    client.logout()
    code = certificate.document.verification_code
    assert "真实有效" in text(client.get(reverse("documents:verified", args=[code])))


def test_too_few_right_answers_are_explained_and_tried_again(client, course, acme, alice):
    study = begin(client, course, acme, alice)
    read(client, study)
    page = seen(hand_in(client, study, WRONG, follow=True))
    assert "测验没有合格" in page and "您选的：3个月正确的：6个月" in page and "依据1。" in page
    assert not TrainingCertificate.objects.exists()
    # The same page sent again is no other try.
    assert "测验没有合格" in text(hand_in(client, study, RIGHT, follow=True))
    study.refresh_from_db()
    assert (study.tries, study.right) == (1, 1)
    assert "测验合格" in text(hand_in(client, study, RIGHT, tries=1, follow=True))


def test_a_quiz_handed_in_twice_gives_one_certificate_and_the_same_page(client, course, acme, alice):
    study = begin(client, course, acme, alice)
    read(client, study)
    first, second = (seen(hand_in(client, study, RIGHT, follow=True)) for _ in range(2))
    assert first == second
    assert TrainingCertificate.objects.count() == Document.objects.count() == 1


def test_an_open_question_is_named_and_the_others_stay_answered(client, course, acme, alice):
    study = begin(client, course, acme, alice)
    read(client, study)
    for answers in ({"q1": "2"}, {"q1": "2", "q0": "9"}, {"q1": "2", "q0": "x"}):
        page = hand_in(client, study, answers)
        assert page.status_code == 422 and "第1题没有作答" in text(page)
        assert 'id="q1_2" value="2" checked' in text(page)
    study.refresh_from_db()
    assert study.tries == 0


def test_nothing_is_skipped(client, course, acme, alice):
    study = begin(client, course, acme, alice)
    for address in (
        reverse("training:chapter", args=[study.pk, 2]),
        reverse("training:quiz", args=[study.pk]),
        reverse("training:result", args=[study.pk]),
    ):
        assert client.get(address).url == reverse("training:study", args=[study.pk])
    assert client.get(reverse("training:chapter", args=[study.pk, 3])).status_code == 404
    client.post(reverse("training:chapter", args=[study.pk, 2]))
    hand_in(client, study, RIGHT)
    client.post(reverse("training:certificate", args=[study.pk]))
    study.refresh_from_db()
    assert (study.chapters_read, study.tries) == (0, 0) and not TrainingCertificate.objects.exists()


def test_who_has_begun_finishes_what_he_began(client, course, acme, alice, bob, qian):
    study = begin(client, course, acme, alice)
    course.chapters.create(position=3, title="新的一讲", text="新")
    publishing.publish_course(course=course, actor=qian, at=TODAY)
    publishing.close_course(course=course, actor=qian, at=TODAY)
    page = text(client.get(reverse("training:chapter", args=[study.pk, 1])))
    assert "新的一讲" not in page
    read(client, study)
    assert "测验合格" in text(hand_in(client, study, RIGHT, follow=True))
    # Nobody begins any more, and the address says why.
    client.force_login(bob)
    page = client.get(reverse("training:course", args=[course.pk]))
    assert "已经停止" in text(page) and "代表谁参加" not in text(page)
    page = client.post(reverse("training:begin", args=[course.pk]), {"subject": acme.pk})
    assert page.status_code == 409 and "已经停止，不能再开始" in text(page)


def test_beginning_twice_goes_on(client, course, acme, alice):
    first = begin(client, course, acme, alice)
    read(client, first, 1)
    assert begin(client, course, acme, alice) == first


def test_nobody_takes_part_for_others(client, course, acme, charlie, qian):
    address = reverse("training:begin", args=[course.pk])
    client.force_login(charlie)
    assert "先认领" in text(client.get(reverse("training:course", args=[course.pk])))
    page = client.post(address, {"subject": acme.pk})
    assert page.status_code == 422 and "请选择您可以代表的信用主体" in text(page)
    client.force_login(qian)
    assert "工作人员的账号不能参加培训" in text(client.get(reverse("training:course", args=[course.pk])))
    assert client.post(address, {"subject": acme.pk}).status_code == 403
    assert not Study.objects.exists()


def test_anothers_study_is_not_there(client, course, acme, alice, bob):
    study = begin(client, course, acme, alice)
    client.force_login(bob)
    for name in ("study", "quiz", "result", "certificate"):
        answer = getattr(client, "post" if name == "certificate" else "get")(
            reverse(f"training:{name}", args=[study.pk])
        )
        assert answer.status_code == 404
    assert client.post(reverse("training:chapter", args=[study.pk, 1])).status_code == 404


@pytest.mark.parametrize(("name", "issued"), [("陈" * 60, True), ("陈𰻝", None), ("陈\ue000", False)])
def test_long_and_rare_names(client, course, acme, name, issued):
    """What no font has stops the certificate, not the pass."""
    person = make_user("rare@example.com", name)
    Claim.objects.create(
        user=person, subject=acme, capacity="employee", status=Claim.Status.VERIFIED, made_at=moment("2026-01-06 09:00")
    )  # fmt: skip
    study = begin(client, course, acme, person)
    read(client, study)
    page = text(hand_in(client, study, RIGHT, follow=True))
    assert "测验合格" in page
    found = TrainingCertificate.objects.filter(person_name=name).exists()
    if issued is not None:
        assert found is issued
    if not found:
        assert "没有签发：字库中没有" in page and "证书还没有出具" in page
        assert client.post(reverse("training:certificate", args=[study.pk])).status_code == 302
        assert "证书还没有出具" in text(client.get(reverse("training:mine")))


def test_in_english_the_certificate_is_chinese(client, course, acme, alice):
    study = begin(client, course, acme, alice)
    read(client, study)
    page = hand_in(client, study, RIGHT, follow=True, headers={"accept-language": "en"})
    assert '<html lang="en">' in text(page)
    assert TrainingCertificate.objects.get().document.content["course"] == "信用修复入门"


def test_one_chooses_for_whom(client, course, acme, alice):
    other = Subject.objects.create(
        kind=Subject.Kind.ORGANISATION, name="另一公司", uscc="91320100MA1MHT8H5Q", legal_representative="陈示例"
    )  # fmt: skip
    Claim.objects.create(
        user=alice, subject=other, capacity="employee", status=Claim.Status.VERIFIED, made_at=moment("2026-01-06 09:00")
    )  # fmt: skip
    client.force_login(alice)
    page = client.post(reverse("training:begin", args=[course.pk]), {})
    assert page.status_code == 422 and "请选择代表谁参加" in text(page)
    assert begin(client, course, other, alice) != begin(client, course, acme, alice)
