"""The register: others' certificates brought, looked at and turned down; void ones; search, export; and who sees which."""

import csv
import io

import pytest
from django.urls import reverse

from applications.documents.rendering import render_html
from applications.documents.services import render_document
from applications.ledger.models import Event
from applications.notifications.models import Message
from applications.training.models import Organiser, TrainingCertificate
from applications.training.selectors import find_certificate
from applications.training.services import certificates, studying
from tests.fixtures import TODAY
from tests.pages import text
from tests.repairs.steps import pdf
from tests.training.offering import open_course

pytestmark = pytest.mark.django_db
LIST = "admin:training_trainingcertificate_changelist"
CHANGE = "admin:training_trainingcertificate_change"


@pytest.fixture
def organiser(credit_bureau):
    return Organiser.objects.create(organ=credit_bureau, name="示例协会")


def passed(officer, subject, person):
    """A certificate of ours, by way of the services."""
    course = open_course(officer)
    study = studying.begin_study(course=course, subject=subject, person=person, at=TODAY)
    for number in (1, 2):
        studying.read_chapter(study=study, number=number)
        study.refresh_from_db()
    studying.hand_in(study=study, answers=[2, 2], tries=0, at=TODAY)
    return certificates.issue_for_study(study=study, at=TODAY)


def brought(client, acme, listed, person, **changes):
    client.force_login(person)
    form = {
        "subject": acme.pk, "organiser": listed.pk, "number": "协培[2026]8号", "person_name": "陈示例",
        "title": "信用修复培训", "completed_on": "2026-10-08", "proof": pdf("证书.pdf"),
    }  # fmt: skip
    return client.post(reverse("training:outside"), form | changes, follow=True)


def address(certificate, verb):
    return reverse(f"admin:training_trainingcertificate_{verb}", args=[certificate.pk])


def test_anothers_certificate_is_looked_at_and_confirmed(client, organiser, acme, alice, qian, sun):
    page = brought(client, acme, organiser, alice)
    assert "等待南京市公共信用信息中心对照扫描件核对" in text(page) and "待核对" in text(page)
    certificate = TrainingCertificate.objects.get()
    assert Message.objects.filter(recipient=qian, subject="有一份培训证书待核对").exists()
    client.force_login(sun)
    for verb in ("change", "proof", "void"):
        assert client.get(address(certificate, verb)).status_code == 404
    assert client.post(address(certificate, "confirm")).status_code == 404
    client.force_login(qian)
    # Not before the proof was opened.
    page = client.post(address(certificate, "confirm"))
    assert page.status_code == 409 and "您还没有打开“证书.pdf”" in text(page)
    assert client.get(address(certificate, "proof")).status_code == 200
    assert client.post(address(certificate, "confirm")).status_code == 302
    certificate.refresh_from_db()
    assert (certificate.state, certificate.decided_by) == ("valid", qian)
    page = client.post(address(certificate, "confirm"))
    assert page.status_code == 409 and "没有再办理" in text(page)
    # Found however it is typed.
    assert find_certificate(" 协培〔2026〕8 号 ") == certificate
    verbs = Event.objects.filter(chain=certificate.chain).order_by("position").values_list("verb", flat=True)
    assert [*verbs] == ["training.certificate_recorded", "training.certificate_confirmed"]


def test_one_that_is_turned_down_can_be_brought_again(client, organiser, acme, alice, qian):
    brought(client, acme, organiser, alice)
    certificate = TrainingCertificate.objects.get()
    page = brought(client, acme, organiser, alice)
    assert page.status_code == 422 and "已经登记过" in text(page) and "不用再选" in text(page)
    client.force_login(qian)
    page = client.post(address(certificate, "reject"), {"reason": ""})
    assert "请写明原因" in text(page)
    assert client.post(address(certificate, "reject"), {"reason": "扫描件看不清"}).status_code == 302
    assert find_certificate("协培[2026]8号") is None
    page = brought(client, acme, organiser, alice)
    assert "扫描件看不清" in text(page) and TrainingCertificate.objects.count() == 2


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"number": ""}, "证书编号"),
        ({"completed_on": "2026-12-31"}, "完成日期不能晚于今天"),
        ({"organiser": "99"}, "请选择列表中的组织单位"),
        ({"subject": "99"}, "请选择您可以代表的信用主体"),
        ({"proof": ""}, "请上传证书的扫描件"),
        ({"person_name": "陈" * 81}, "80"),
    ],
)
def test_what_is_wrong_is_named_and_the_rest_stays(client, organiser, acme, alice, changes, words):
    page = brought(client, acme, organiser, alice, **changes)
    assert page.status_code == 422 and words in text(page)
    assert 'value="信用修复培训"' in text(page)
    if "proof" not in changes:
        assert "已上传：证书.pdf" in text(page)
    assert not TrainingCertificate.objects.exists()


def test_an_organiser_that_was_taken_off_the_list(client, organiser, acme, alice, qian):
    client.force_login(qian)
    change = reverse("admin:training_organiser_change", args=[organiser.pk])
    assert client.post(change, {"name": organiser.name}).status_code == 302
    assert "请选择列表中的组织单位" in text(brought(client, acme, organiser, alice))
    client.force_login(qian)
    page = client.post(reverse("admin:training_organiser_add"), {"name": organiser.name, "active": "on"})
    assert "名单里已经有“示例协会”" in text(page)


def test_strangers_and_officers_bring_none(client, organiser, acme, charlie, qian):
    assert "先认领" in text(brought(client, acme, organiser, charlie))
    assert brought(client, acme, organiser, qian).status_code == 403
    assert not TrainingCertificate.objects.exists()


def test_a_void_certificate_says_so_everywhere(client, acme, alice, qian):
    certificate = passed(qian, acme, alice)
    client.force_login(qian)
    assert client.post(address(certificate, "void"), {"reason": " "}).status_code == 200
    assert client.post(address(certificate, "void"), {"reason": "代他人作答"}).status_code == 302
    assert client.post(address(certificate, "void"), {"reason": "再来"}).status_code == 409
    certificate.refresh_from_db()
    assert certificate.state == certificate.document.status == "void"
    code = certificate.document.verification_code
    assert "已作废" in text(client.get(reverse("documents:verified", args=[code])))
    client.force_login(alice)
    assert "代他人作答" in text(client.get(reverse("training:mine")))
    assert Message.objects.filter(recipient=alice, subject__contains="已作废", channel="inbox").exists()


def test_the_register_is_searched_and_exported(client, acme, alice, qian, sun, wang):
    certificate = passed(qian, acme, alice)
    client.force_login(qian)
    for term in (certificate.number, "南京示例", acme.uscc):
        assert certificate.number in text(client.get(reverse(LIST), {"q": term}))
    assert certificate.number not in text(client.get(reverse(LIST), {"q": "没有的"}))
    sent = client.get(reverse("admin:training_trainingcertificate_export_csv"))
    heading, row = csv.reader(io.StringIO(b"".join(sent.streaming_content).decode("utf-8-sig")))
    assert heading[:3] == ["证书编号", "参加人", "信用主体"]
    assert row[:3] == [certificate.number, "陈示例", "南京示例食品有限公司"]
    assert Event.objects.filter(verb="trainingcertificate.exported", actor=qian).exists()
    client.force_login(sun)
    assert certificate.number not in text(client.get(reverse(LIST)))
    client.force_login(wang)
    assert client.get(reverse(LIST)).status_code == 403


def test_who_downloads_the_certificate(client, acme, alice, bob, charlie, qian, sun, wang):
    certificate = passed(qian, acme, alice)
    render_document(certificate.document_id, at=TODAY)
    download = reverse("documents:download", args=[certificate.document_id])
    for person, status in ((alice, 200), (bob, 200), (qian, 200), (charlie, 404), (sun, 404), (wang, 404)):
        client.force_login(person)
        assert client.get(download).status_code == status, person


def test_a_void_one_is_issued_anew_once_and_each_names_the_other(client, acme, alice, qian, sun, wang):
    old = passed(qian, acme, alice)
    said = {"person_name": "陈 更正", "title": old.title, "completed_on": "2026-11-20"}
    client.force_login(qian)
    # What is valid is not replaced behind its holder's back.
    assert client.post(address(old, "reissue"), said).status_code == 409
    client.post(address(old, "void"), {"reason": "姓名有误"})
    assert address(old, "reissue") in text(client.get(address(old, "change")))
    for wrong, field in (
        ({"person_name": " "}, "person_name"),
        ({"completed_on": "2099-01-01"}, "completed_on"),
    ):
        answer = client.post(address(old, "reissue"), said | wrong)
        assert answer.status_code == 200 and field in answer.context["form"].errors
    assert TrainingCertificate.objects.count() == 1
    page = text(client.post(address(old, "reissue"), said, follow=True))
    new = TrainingCertificate.objects.get(replaces=old)
    assert (new.state, new.person_name, new.subject) == (
        "valid",
        "陈 更正",
        acme,
    ) and new.number != old.number
    assert new.document.content["person"] == "陈 更正" and new.document.replaces == old.document
    assert "取代作废的" in page and old.number in page
    shown = text(client.get(address(old, "change")))
    assert "已被" in shown and new.number in shown and address(old, "reissue") not in shown
    again = client.post(address(old, "reissue"), said)
    assert again.status_code == 409 and "已被" in text(again)
    assert Event.objects.filter(verb="training.certificate_reissued", chain=old.chain).count() == 1
    assert find_certificate(new.number) == new
    code = old.document.verification_code
    assert "已作废" in text(client.get(reverse("documents:verified", args=[code])))
    client.force_login(alice)
    mine = text(client.get(reverse("training:mine")))
    assert f"已被{new.number}取代" in mine
    assert Message.objects.filter(
        recipient=alice, subject__startswith="培训证书已经更正", channel="inbox"
    ).exists()
    for other in (wang, alice):
        client.force_login(other)
        assert client.get(address(old, "reissue")).status_code in (302, 403, 404)


def test_a_corrected_one_says_nothing_that_was_corrected(client, acme, alice, qian):
    old = passed(qian, acme, alice)
    client.force_login(qian)
    client.post(address(old, "void"), {"reason": "姓名、日期有误"})
    client.post(
        address(old, "reissue"), {"person_name": "陈更正", "title": old.title, "completed_on": "2026-11-20"}
    )
    new = TrainingCertificate.objects.get(replaces=old)
    chinese = render_html(new.document)
    assert "参加人姓名为账号登记的姓名" in render_html(old.document)
    # The account has another name, and began after the day that now stands as that of completion.
    assert alice.name != "陈更正" and "账号登记的姓名" not in chinese and "自2026年11月23日" not in chinese
    assert f"更正并取代已经作废的证书（{old.number}）" in chinese and "答对2题" in chinese
    client.force_login(alice)
    english = text(client.get(reverse("documents:english", args=[new.document_id])))
    assert "registered with the account" not in english and "from 23 November" not in english
    assert "takes the place of the void certificate" in english and old.number in english


def test_who_passed_reads_that_the_certificate_is_void_and_what_took_its_place(client, acme, alice, qian):
    old = passed(qian, acme, alice)
    result = reverse("training:result", args=[old.study_id])
    client.force_login(alice)
    assert "会自动附上它最近一份培训证书" in text(client.get(result))
    client.force_login(qian)
    client.post(address(old, "void"), {"reason": "姓名有误"})
    client.force_login(alice)
    page = text(client.get(result))
    assert f"培训证书 {old.number} 已作废" in page and "姓名有误" in page
    assert "自动附上" not in page and "已经出具" not in page
    client.force_login(qian)
    client.post(
        address(old, "reissue"), {"person_name": "陈更正", "title": old.title, "completed_on": "2026-11-20"}
    )
    new = TrainingCertificate.objects.get(replaces=old)
    client.force_login(alice)
    page = text(client.get(result))
    assert f"培训证书 {new.number} 已经出具，参加人 陈更正" in page and "会自动附上" in page
