"""The applicant's pages: works / a colleague / not yours / wrong state / bad input."""

from datetime import date

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from applications.documents.models import Document
from applications.ledger.models import Event
from applications.repairs import services, steps
from applications.repairs.models import RepairCase
from applications.repairs.views import drafts as draft_pages
from applications.repairs.views import signing as signing_pages
from tests.fixtures import PASSWORD, make_record, moment
from tests.pages import text
from tests.repairs.steps import accepted, pdf, prepared, refused, submitted

pytestmark = pytest.mark.django_db

CASE_PAGES = [
    "status",
    "tasks",
    "contact",
    "fulfilment",
    "training",
    "commitment",
    "check",
    "submitted",
    "withdraw",
]


@pytest.fixture(autouse=True)
def on_the_20th():
    with time_machine.travel(moment("2026-11-20 10:00"), tick=False):
        yield


@pytest.fixture
def draft(general_record, market_bureau, alice):
    return prepared(general_record, market_bureau, alice)


def url(name, case, *args):
    return reverse(f"repairs:{name}", args=[case.number, *args])


def test_start_offers_both_channels_and_opens_a_draft(
    client, general_record, alice, credit_bureau, market_bureau
):
    client.force_login(alice)
    start = reverse("repairs:start", args=[general_record.pk])
    page = text(client.get(start))
    assert "南京市市场监督管理局（认定单位）" in page
    assert "南京市公共信用信息中心（公共信用信息工作机构）" in page
    answer = client.post(start, {"organ": credit_bureau.pk})
    case = RepairCase.objects.get()
    assert (answer.url, case.organ) == (url("tasks", case), credit_bureau)
    # Again: the same case, not a second one.
    assert client.post(start, {"organ": market_bureau.pk}).url == url("status", case)
    assert RepairCase.objects.count() == 1


def test_start_is_not_for_others(client, general_record, charlie, wang, outsider):
    for person in (charlie, wang, outsider):
        client.force_login(person)
        assert client.get(reverse("repairs:start", args=[general_record.pk])).status_code == 404


def test_start_with_an_organ_that_is_not_competent(client, general_record, alice, ecology_bureau):
    client.force_login(alice)
    page = client.post(reverse("repairs:start", args=[general_record.pk]), {"organ": ecology_bureau.pk})
    assert "<title>错误：" in text(page)
    assert not RepairCase.objects.exists()


@pytest.mark.parametrize("name", CASE_PAGES)
def test_pages_of_a_case_are_its_people_s_alone(client, draft, alice, bob, charlie, wang, outsider, name):
    for person in (alice, bob):
        client.force_login(person)
        assert client.get(url(name, draft)).status_code in (200, 302)
    for person in (charlie, wang, outsider):
        client.force_login(person)
        assert client.get(url(name, draft)).status_code == 404
    client.logout()
    assert reverse("account_login") in client.get(url(name, draft)).url


def test_task_list_says_what_is_done_and_why_a_task_exists(client, serious_record, market_bureau, alice):
    case = services.start_case(
        record=serious_record, organ=market_bureau, applicant=alice, at=moment("2026-11-20 09:00")
    )
    client.force_login(alice)
    page = text(client.get(url("tasks", case)))
    assert "已完成 0/8" in page
    assert "该记录为严重失信，还应当提交信用修复培训证书" in page


def test_contact_is_saved(client, draft, alice):
    client.force_login(alice)
    answer = client.post(url("contact", draft), {"name": "新经办", "phone": "13900000000"})
    assert answer.url == url("check", draft)
    draft.refresh_from_db()
    assert (draft.filing.contact_name, draft.filing.contact_phone) == ("新经办", "13900000000")


def test_a_bad_telephone_number_keeps_the_name_that_was_typed(client, draft, alice):
    client.force_login(alice)
    page = text(client.post(url("contact", draft), {"name": "改名了", "phone": "不知道"}))
    assert "<title>错误：" in page
    assert 'href="#id_phone"' in page
    assert "改名了" in page
    draft.refresh_from_db()
    assert draft.filing.contact_name == "陈经办"


@pytest.mark.parametrize(
    ("day", "said"),
    [("2026-02-30", "请输入真实存在的日期"), ("2026-11-21", "日期不能晚于今天"), ("", "这个字段是必填项")],
)
def test_impossible_days_are_named(client, draft, alice, day, said):
    client.force_login(alice)
    page = text(client.post(url("fulfilment", draft), {"corrected_on": day}))
    assert said in page
    draft.refresh_from_db()
    assert draft.corrected_on == date(2026, 6, 1)


def test_upload_shows_the_file_under_its_own_name(client, general_record, market_bureau, alice):
    case = services.start_case(
        record=general_record, organ=market_bureau, applicant=alice, at=moment("2026-11-20 09:00")
    )
    client.force_login(alice)
    page = text(
        client.post(
            url("files", case, "licence"),
            {"uploads": [pdf("营业执照（副本）[1].pdf"), pdf("第二页🎉.pdf")]},
            follow=True,
        )
    )
    assert "营业执照（副本）[1].pdf" in page
    assert "第二页🎉.pdf" in page


def test_one_bad_file_of_a_batch_is_named_and_the_good_one_stays(client, draft, alice):
    client.force_login(alice)
    before = draft.materials.count()
    page = text(
        client.post(
            url("files", draft, "other"),
            {"uploads": [pdf("好.pdf"), SimpleUploadedFile("坏.pdf", b"MZ not a pdf")]},
        )
    )
    assert "坏.pdf" in page
    assert "<title>错误：" in page
    assert draft.materials.count() == before + 1


def test_a_proof_stays_where_a_date_beside_it_is_wrong(client, draft, alice):
    client.force_login(alice)
    sent = {"corrected_on": "2027-13-01", "uploads": [pdf("缴款收据二.pdf")]}
    page = text(client.post(url("fulfilment", draft), sent))
    assert "<title>错误：" in page
    assert "缴款收据二.pdf" in page
    assert draft.materials.filter(kind="fulfilment", file__name="缴款收据二.pdf").count() == 1
    draft.refresh_from_db()
    assert draft.corrected_on == date(2026, 6, 1)


def test_no_file_chosen_and_an_empty_file(client, draft, alice):
    client.force_login(alice)
    assert "请先选择文件" in text(client.post(url("files", draft, "other"), {}))
    page = text(client.post(url("files", draft, "other"), {"uploads": SimpleUploadedFile("空.pdf", b"")}))
    assert "空.pdf" in page
    assert "<title>错误：" in page


def test_an_unknown_kind_of_material_does_not_exist(client, draft, alice):
    client.force_login(alice)
    assert client.get(url("files", draft, "diary")).status_code == 404


def test_removing_asks_first_and_submitted_files_stay(client, draft, alice, charlie):
    material = draft.materials.first()
    client.force_login(charlie)
    assert client.post(url("remove_file", draft, material.pk)).status_code == 404
    client.force_login(alice)
    assert "删除“" in text(client.get(url("remove_file", draft, material.pk)))
    client.post(url("remove_file", draft, material.pk))
    assert not draft.materials.filter(pk=material.pk).exists()


def test_opening_a_file(client, general_record, market_bureau, alice, charlie, wang, outsider):
    case = submitted(general_record, market_bureau, alice)
    page = url("open_file", case, case.materials.first().pk)
    for person, status in ((alice, 200), (wang, 200), (charlie, 404), (outsider, 404)):
        client.force_login(person)
        answer = client.get(page)
        assert answer.status_code == status
    client.force_login(alice)
    assert client.get(page)["X-Content-Type-Options"] == "nosniff"
    # Only the officer's reading is in the archive, and the applicant is shown it.
    assert [event.actor for event in Event.objects.filter(verb="repair.material_read")] == [wang]
    assert '"看了什么">打开材料</td>' in text(client.get(url("status", case)))


def test_officers_do_not_open_what_is_not_submitted(client, draft, wang):
    client.force_login(wang)
    assert client.get(url("open_file", draft, draft.materials.first().pk)).status_code == 404


def test_commitment_shows_the_text_and_what_the_public_will_see(client, draft, alice):
    client.force_login(alice)
    page = text(client.get(url("commitment", draft)))
    assert "违背以上承诺" in page
    assert "公开后公众看到的样子" in page


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"password": "wrong"}, "密码不正确"),
        ({"signatory": "别人"}, "签署人应为法定代表人“陈示例”"),
        ({"publication_consent": ""}, "是否同意向社会公开承诺书"),
    ],
)
def test_a_signature_needs_the_right_person_and_both_statements(
    client, general_record, market_bureau, alice, changed, said
):
    case = services.start_case(
        record=general_record, organ=market_bureau, applicant=alice, at=moment("2026-11-20 09:00")
    )
    services.save_fulfilment(
        case=case, corrected_on=date(2026, 6, 1), fulfilled={}, actor=alice, at=moment("2026-11-20 09:00")
    )
    client.force_login(alice)
    data = {"signatory": "陈示例", "publication_consent": "yes", "password": PASSWORD} | changed
    page = text(client.post(url("commitment", case), data))
    assert said in page
    assert not Document.objects.filter(kind="commitment").exists()


def test_signing_again_voids_the_former_letter(client, draft, alice):
    client.force_login(alice)
    client.post(
        url("commitment", draft), {"signatory": "陈示例", "publication_consent": "yes", "password": PASSWORD}
    )
    assert sorted(Document.objects.filter(kind="commitment").values_list("status", flat=True)) == [
        "valid",
        "void",
    ]


def test_submit_leads_to_a_receipt_with_the_legal_day(client, draft, alice):
    client.force_login(alice)
    answer = client.post(url("submit", draft), {"version": draft.version}, follow=True)
    page = text(answer)
    assert draft.number in page
    assert "2026年11月25日（周三）" in page
    assert draft.tracking_code in page


@pytest.mark.parametrize("task", ["contact", "fulfilment", "training", "commitment"])
def test_saving_while_a_colleague_submits_says_that_nothing_was_saved(
    client, serious_record, market_bureau, alice, bob, monkeypatch, task
):
    """bob's submission comes between the look at the case and the saving."""
    draft = prepared(serious_record, market_bureau, alice)
    client.force_login(alice)
    look = draft_pages.editable_case

    def look_and_lose(request, number):
        case = look(request, number)
        steps.submit_case(case=RepairCase.objects.get(pk=draft.pk), actor=bob, at=timezone.now())
        return case

    for pages in (draft_pages, signing_pages):
        monkeypatch.setattr(pages, "editable_case", look_and_lose)
    data = {
        "contact": {"name": "别人", "phone": "025-87654321"},
        "fulfilment": {
            "corrected_on": "2026-06-03",
            **{f"duty_{duty.pk}": "2026-06-03" for duty in draft.obligations.all()},
        },
        "training": {
            "training_completed_on": "2026-08-02",
            "training_certificate_number": "别的号",
            "report_issued_on": "2026-09-02",
            "report_issuer": "credit_bureau",
            "report_number": "别的号",
        },
        "commitment": {"signatory": "陈示例", "publication_consent": "yes", "password": PASSWORD},
    }[task]
    answer = client.post(url(task, draft), data, follow=True)
    assert answer.redirect_chain == [(url("status", draft), 302)]
    assert "不能再修改。刚才填写的内容没有保存。" in text(answer)
    draft.refresh_from_db()
    assert (
        draft.filing.contact_name == "陈经办"
        and draft.filing.training_certificate_number == "苏信培2026-0001"
    )


def test_submitting_twice_gives_one_case_and_one_receipt(client, draft, alice):
    client.force_login(alice)
    first = client.post(url("submit", draft), {"version": draft.version})
    second = client.post(url("submit", draft), {"version": draft.version})
    assert first.url == second.url == url("submitted", draft)
    assert Document.objects.filter(kind="receipt").count() == 1


def test_an_incomplete_case_says_everything_that_is_missing(client, general_record, market_bureau, alice):
    case = services.start_case(
        record=general_record, organ=market_bureau, applicant=alice, at=moment("2026-11-20 09:00")
    )
    client.force_login(alice)
    page = text(client.post(url("submit", case), {"version": case.version}, follow=True))
    assert "请上传证照材料复印件" in page
    assert "请填写经办人姓名和联系电话" in page
    case.refresh_from_db()
    assert case.status == "draft"


def test_a_record_under_article_6_can_be_filed_after_a_warning(client, acme, market_bureau, alice):
    record = make_record(
        acme,
        market_bureau,
        document_number="宁市监处罚〔2026〕9号",
        penalties=("order_suspension",),
        domains=["food_drug"],
    )
    case = prepared(record, market_bureau, alice)
    client.force_login(alice)
    page = text(client.get(url("check", case)))
    assert "可能属于不予修复的情形" in page
    assert client.post(url("submit", case), {"version": case.version}).url == url("submitted", case)


def test_filed_cases_cannot_be_edited(client, general_record, market_bureau, alice):
    case = submitted(general_record, market_bureau, alice)
    client.force_login(alice)
    for name in ("contact", "fulfilment", "commitment"):
        page = client.post(url(name, case), {"name": "x", "phone": "1234567"}, follow=True)
        assert "不能再修改" in text(page)
    case.refresh_from_db()
    assert case.filing.contact_name == "陈经办"


def test_status_is_a_sentence_with_a_day_and_how_it_was_counted(
    client, general_record, market_bureau, alice, wang
):
    case = accepted(general_record, market_bureau, alice, wang)
    client.force_login(alice)
    page = text(client.get(url("status", case)))
    assert "最迟 2026年12月2日（周三） 24:00 前作出决定" in page
    assert "2026年11月28日（周六）" in page
    assert "第7个工作日" in page


def test_a_refusal_offers_objection_and_a_new_application(
    client, general_record, market_bureau, alice, wang, li, zhao
):
    case = refused(general_record, market_bureau, alice, wang, li, zhao)
    client.force_login(alice)
    page = text(client.get(url("status", case)))
    assert reverse("objections:file", args=[case.number]) in page
    assert reverse("repairs:start", args=[case.record_id]) in page


def test_withdrawing_asks_first(client, general_record, market_bureau, alice):
    case = submitted(general_record, market_bureau, alice)
    client.force_login(alice)
    assert "撤回这件申请？" in text(client.get(url("withdraw", case)))
    client.post(url("withdraw", case))
    case.refresh_from_db()
    assert case.status == "withdrawn"
    # Again, from a tab that was left open.
    page = client.post(url("withdraw", case), follow=True)
    assert "不能执行" in text(page)


def test_documents_open_for_the_case_s_people(
    client, general_record, market_bureau, alice, bob, charlie, zhao
):
    case = submitted(general_record, market_bureau, alice)
    receipt = Document.objects.get(about=case.number, kind="receipt")
    page = reverse("documents:download", args=[receipt.pk])
    for person, allowed in ((alice, True), (bob, True), (zhao, True), (charlie, False)):
        client.force_login(person)
        assert (client.get(page).status_code == 404) is not allowed
