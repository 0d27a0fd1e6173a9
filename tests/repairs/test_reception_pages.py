"""The officers' pages for what came at the window or by post (Article 19), as the officer at the window uses them."""

import pytest
import time_machine
from django.urls import reverse

from applications.deadlines.models import Deadline
from applications.documents.models import Document
from applications.documents.services import void_document
from applications.files.models import StoredFile
from applications.ledger.models import Event
from applications.repairs import steps
from applications.repairs.models import ProofOfService, Reception, RepairCase
from applications.repairs.services.filings import code_of_text
from applications.repairs.services.receptions import cases_of
from tests.fixtures import make_record, moment
from tests.repairs.receptions import RESIDENT_ID, enter, filed, filled_in, received
from tests.repairs.steps import pdf

pytestmark = pytest.mark.django_db

# Of an applicant's draft, and of several in one sitting.
CASE_PAGES = (
    "tasks", "contact", "fulfilment", "training", "commitment", "check", "status", "withdraw", "correction",
    "submitted", "explanations",
)  # fmt: skip
FILING_PAGES = ("filing", "filing_add", "filing_check", "filed")


def at(name, *arguments):
    return reverse(f"admin:repairs_reception_{name}", args=arguments)


def text(response):
    return response.content.decode()


def brought(record, **changed):
    return {
        "records": [record.pk],
        "channel": "window",
        "received_on": "2026-11-23",
        "came_as": "legal_representative",
        "came_name": "陈示例",
        "identity_type": "resident_id",
        "identity_number": RESIDENT_ID,
        "compared": "on",
        "identity": pdf("身份证.pdf"),
    } | changed


def task(reception, case, name):
    return at("task", reception.pk, case.pk, name)


def test_from_the_counter_to_the_receipt(client, general_record, acme, wang):
    client.force_login(wang)
    found = client.post(at("find"), {"code": acme.uscc, "identity_type": "", "purpose": "当事人到窗口申请"})
    assert at("receive", acme.pk) in text(found)
    form = text(client.get(at("receive", acme.pk)))
    assert str(general_record) in form and "可以申请" in form
    reply = client.post(at("receive", acme.pk), brought(general_record))
    reception = Reception.objects.get()
    case = RepairCase.objects.get()
    assert reply.url == at("change", reception.pk)
    page = text(client.get(reply.url))
    assert "请上传签字（盖章）的信用修复承诺书扫描件。" in page and "1101**********002X" in page
    assert RESIDENT_ID not in page
    duty = case.obligations.get()
    days = {f"duty_{duty.pk}": "2026-06-02", "corrected_on": "2026-06-01", "improvements": ""}
    for name, data in {
        "contact": {"name": "陈示例", "phone": "025-12345678"},
        "fulfilment": days,
        "papers": {"kind": "licence", "uploads": pdf("执照.pdf")},
        "signed": {"signatory": "陈示例", "publication_consent": "yes", "scan": pdf("承诺书.pdf")},
    }.items():
        assert client.get(task(reception, case, name)).status_code == 200
        if name == "signed":
            data |= {"code": code_of_text(RepairCase.objects.get(pk=case.pk)), "signed_on": "2026-11-22"}
        assert client.post(task(reception, case, name), data).url == reply.url, name
    client.post(task(reception, case, "papers"), {"kind": "fulfilment", "uploads": pdf("凭证.pdf")})
    blank = client.get(at("blank", reception.pk, case.pk))
    assert blank["Content-Type"] == "application/pdf" and blank.content.startswith(b"%PDF")
    case.refresh_from_db()
    client.post(at("submit", reception.pk), {f"version_{case.pk}": case.version})
    case.refresh_from_db()
    receipt = Document.objects.get(kind="receipt")
    page = text(client.get(reply.url))
    assert case.status == "submitted" and case.tracking_code in page
    assert reverse("documents:download", args=[receipt.pk]) in page and "等待送达" in page
    assert "收件渠道：窗口" in text(client.get(reverse("admin:repairs_repaircase_change", args=[case.pk])))


def test_the_person_follows_without_an_account(client, general_record, wang):
    case = filed(general_record, wang)
    client.post(reverse("portal:track"), {"number": case.number, "code": case.tracking_code})
    page = text(client.get(reverse("portal:tracked", args=[case.number])))
    assert case.number in page
    # Whoever has no account is told how the letters come, and not to sign in.
    assert "这件申请通过窗口提出，文书当面交付或者邮寄送达。" in page and "登录查看这件申请" not in page
    # Accepted or not by 25 November.
    with time_machine.travel(moment("2026-11-30 10:00"), tick=False):
        client.post(reverse("portal:track"), {"number": case.number, "code": case.tracking_code})
        page = text(client.get(reverse("portal:tracked", args=[case.number])))
    assert "可以拨打办理机构的电话催办。" in page and "也可以登录" not in page


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"compared": ""}, "没有核对证件的，不能收件。"),
        ({"identity": ""}, "请上传核对过的证件的扫描件。"),
        ({"records": []}, "请至少选择一条失信行为信息。"),
        ({"received_on": "2026-11-24"}, "收到材料的日期不能晚于今天。"),
        ({"identity_number": "110105194912310020"}, "身份证号码不正确"),
        ({"records": [999999]}, "999999"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_begins(client, general_record, acme, wang, changed, words):
    client.force_login(wang)
    reply = client.post(at("receive", acme.pk), brought(general_record, **changed))
    assert reply.status_code == 200 and words in text(reply)
    assert not Reception.objects.exists()


def test_another_organ_does_not_find_it(client, general_record, acme, outsider):
    client.force_login(outsider)
    found = client.post(at("find"), {"code": acme.uscc, "identity_type": "", "purpose": "窗口"})
    assert "没有找到由本单位受理的失信行为信息" in text(found) and acme.name not in text(found)
    assert client.get(at("receive", acme.pk)).status_code == 404


@pytest.mark.parametrize("person", ["li", "zhao", "sun"])
def test_only_acceptors_have_the_pages(client, general_record, acme, wang, person, request):
    reception = received(general_record, wang)
    [case] = RepairCase.objects.all()
    client.force_login(request.getfixturevalue(person))
    for page in (at("changelist"), at("find"), at("receive", acme.pk), at("change", reception.pk)):
        assert client.get(page).status_code in (403, 404)
    assert client.get(task(reception, case, "contact")).status_code in (403, 404)
    assert client.post(at("submit", reception.pk)).status_code in (403, 404)


def test_an_infected_or_wrong_file_is_refused_by_its_name(client, general_record, wang):
    from django.core.files.uploadedfile import SimpleUploadedFile

    reception = received(general_record, wang)
    [case] = RepairCase.objects.all()
    client.force_login(wang)
    bad = SimpleUploadedFile("执照.exe", b"MZ not a paper", "application/octet-stream")
    reply = client.post(task(reception, case, "papers"), {"kind": "licence", "uploads": bad})
    assert reply.status_code == 200 and "执照.exe" in text(reply)
    assert set(case.materials.values_list("kind", flat=True)) == {"handler_identity"}


def test_a_stale_page_submits_nothing(client, general_record, wang):
    case = filled_in(received(general_record, wang), wang)
    client.force_login(wang)
    reception = case.filing.reception
    client.post(at("submit", reception.pk), {f"version_{case.pk}": case.version + 1})
    case.refresh_from_db()
    assert case.status == "draft"
    # The same button twice is one submission.
    for _each in range(2):
        client.post(at("submit", reception.pk), {f"version_{case.pk}": case.version})
    assert Document.objects.filter(kind="receipt").count() == 1
    # What is submitted is not entered any more.
    reply = client.post(task(reception, case, "contact"), {"name": "别人", "phone": "025-12345678"})
    assert reply.url == at("change", reception.pk)
    case.filing.refresh_from_db()
    assert case.filing.contact_name == "陈经办"


def test_several_records_are_submitted_all_or_none(client, general_record, acme, market_bureau, wang):
    other = make_record(acme, market_bureau, document_number="宁市监处罚〔2026〕88号")
    reception = received(general_record, wang, records=[general_record, other])
    filled_in(reception, wang, without=("fulfilment",))
    first, second = cases_of(reception)
    enter(first, "fulfilment", wang, moment("2026-11-23 09:40"))
    client.force_login(wang)

    def submit():
        shown = {f"version_{case.pk}": case.version for case in cases_of(reception)}
        return text(client.post(at("submit", reception.pk), shown, follow=True))

    page = submit()
    assert [case.status for case in cases_of(reception)] == ["draft", "draft"]
    assert not Document.objects.filter(kind="receipt").exists()
    assert f"{second.record}：请上传履行完毕证明" in page and "已提交，请打印回执" not in page

    enter(second, "fulfilment", wang, moment("2026-11-23 09:50"))
    # A page that showed only one of them is out of date.
    client.post(at("submit", reception.pk), {f"version_{first.pk}": first.version})
    assert [case.status for case in cases_of(reception)] == ["draft", "draft"]
    page = submit()
    for case in cases_of(reception):
        assert case.status == "submitted" and f"申请{case.number}已提交，请打印回执交给当事人。" in page
        assert Document.objects.filter(kind="receipt", about=case.number).count() == 1


def test_a_paper_is_taken_back_before_submission_only(client, general_record, wang):
    case = filled_in(received(general_record, wang), wang)
    client.force_login(wang)
    reception, material = case.filing.reception, case.materials.get(kind="fulfilment")
    page = at("file", reception.pk, case.pk, material.pk)
    assert client.get(page).status_code == 200
    assert Event.objects.filter(verb="repair.material_read", actor=wang).exists()
    client.post(page)
    assert not case.materials.filter(kind="fulfilment").exists()
    licence = case.materials.get(kind="licence")
    other = at("file", reception.pk, case.pk + 1, licence.pk)
    assert client.post(other).status_code == 404


def test_the_person_withdraws_at_the_window(client, general_record, wang):
    case = filed(general_record, wang)
    client.force_login(wang)
    page = task(case.filing.reception, case, "withdrawal")
    assert "请" in text(client.post(page, {})) and RepairCase.objects.get().status == "submitted"
    client.post(page, {"confirmed": "on"})
    assert RepairCase.objects.get().status == "withdrawn"
    event = Event.objects.get(chain=case.number, verb="repair.withdrawn")
    assert event.payload["channel"] == "window" and event.actor == wang


def corrected(record, wang, *kinds):
    case = filed(record, wang, at="2026-11-20 10:00", received_on=moment("2026-11-20 09:00").date())
    defects = [steps.Defect(kind, "凭证不清晰。", "请重新扫描。") for kind in kinds or ["fulfilment"]]
    steps.draft_correction(case=case, defects=defects, actor=wang, at=moment("2026-11-20 11:00"))
    return steps.ask_for_correction(case=case, actor=wang, at=moment("2026-11-20 12:00"))


def test_the_correction_is_answered_at_the_window(client, general_record, wang):
    case = corrected(general_record, wang)
    client.force_login(wang)
    page = task(case.filing.reception, case, "correction")
    item = case.correction_notices.get().items.get()
    assert "凭证不清晰。" in text(client.get(page))
    early = client.post(page, {"received_on": "2026-11-19", f"answer_{item.pk}": "已补交"})
    assert "不能早于告知补正的日期（2026-11-20）" in text(early)
    empty = client.post(page, {"received_on": "2026-11-23"})
    assert "还没有补正材料或说明" in text(empty)
    client.post(page, {"received_on": "2026-11-22", f"uploads_{item.pk}": pdf("新凭证.pdf")})
    case.refresh_from_db()
    assert case.status == "submitted" and case.round == 2
    # Received on Sunday the 22nd: Monday 1, Tuesday 2, Wednesday the 25th 3.
    clock = Deadline.objects.get(case_number=case.number, round=2)
    assert f"{clock.started_on} {clock.due_on}" == "2026-11-22 2026-11-25"


def test_what_is_refused_of_a_correction_leaves_nothing(client, general_record, wang):
    """One item of two is answered: neither its answer nor its file is kept, so that the next try adds them once."""
    case = corrected(general_record, wang, "fulfilment", "licence")
    client.force_login(wang)
    page = task(case.filing.reception, case, "correction")
    first, second = case.correction_notices.get().items.order_by("pk")
    files = StoredFile.objects.count()
    given = {"received_on": "2026-11-22", f"answer_{first.pk}": "已补交"}
    reply = client.post(page, given | {f"uploads_{first.pk}": pdf("新凭证.pdf")})
    assert "第2项“证照材料复印件（加盖公章）”还没有补正材料或说明" in text(reply)
    first.refresh_from_db()
    assert first.answer == "" and StoredFile.objects.count() == files
    assert not case.materials.filter(round=2).exists()
    given |= {f"uploads_{first.pk}": pdf("新凭证.pdf"), f"uploads_{second.pk}": pdf("执照.pdf")}
    client.post(page, given)
    case.refresh_from_db()
    assert case.status == "submitted" and case.materials.filter(round=2).count() == 2


def test_a_commitment_is_signed_anew_at_the_window(client, general_record, wang):
    """All that its correction needs is on the page: the print with its code, its scan, and a way to take back a wrong one."""
    case = corrected(general_record, wang, "signed_commitment")
    client.force_login(wang)
    reception = case.filing.reception
    back, blank = at("change", reception.pk), at("blank", reception.pk, case.pk)
    assert blank in text(client.get(back))
    assert client.get(blank)["Content-Type"] == "application/pdf"
    client.post(task(reception, case, "papers"), {"kind": "other", "uploads": pdf("拿错的.pdf")})
    page = text(client.get(back))
    assert page.count("删除<span") == 1 and '删除<span class="visually-hidden">拿错的.pdf' in page
    client.post(at("file", reception.pk, case.pk, case.materials.get(kind="other").pk))
    assert not case.materials.filter(kind="other").exists()
    signed = {
        "signatory": "陈示例",
        "publication_consent": "yes",
        "scan": pdf("新承诺书.pdf"),
        "signed_on": "2026-11-23",
    }
    reply = client.post(task(reception, case, "signed"), signed | {"code": code_of_text(case)})
    assert reply.url == back
    # The commitment rests on the scan now.
    assert "删除<span" not in text(client.get(back))
    client.post(task(reception, case, "correction"), {"received_on": "2026-11-22"})
    case.refresh_from_db()
    assert case.status == "submitted" and case.filing.commitment.paper.name == "新承诺书.pdf"
    assert blank not in text(client.get(back))


def test_a_void_letter_waits_no_longer(client, general_record, wang, alice):
    case = filed(general_record, wang)
    letter = Document.objects.get(kind="receipt")
    officers = at("change", case.filing.reception_id)
    pages = [
        (wang, officers),
        (wang, reverse("admin:repairs_repaircase_change", args=[case.pk])),
        (alice, reverse("repairs:status", args=[case.number])),
    ]

    def said():
        for reader, address in pages:
            client.force_login(reader)
            yield text(client.get(address))

    assert all("等待送达" in page for page in said())
    void_document(document=letter, reason="文号有误。", actor=wang, at=moment("2026-11-23 10:00"))
    for page in said():
        assert "已作废，不再送达" in page and "等待送达" not in page
    client.force_login(wang)
    assert at("letter", case.filing.reception_id, case.pk, letter.pk) not in text(client.get(officers))


def test_the_service_of_a_letter_is_noted_and_shown(client, general_record, wang, alice):
    case = filed(general_record, wang)
    client.force_login(wang)
    assert "有文书等待送达的收件" in text(client.get(reverse("admin:index")))
    letter = Document.objects.get(kind="receipt")
    page = at("letter", case.filing.reception_id, case.pk, letter.pk)
    given = {"how": "posted", "recipient": "陈经办", "served_on": "2026-11-23", "tracking_number": ""}
    assert "邮寄送达的，请填写邮件号。" in text(client.post(page, given | {"scan": pdf("回证.pdf")}))
    assert "请上传签收的送达回证扫描件" in text(client.post(page, given | {"tracking_number": "EMS1"}))
    client.post(page, given | {"tracking_number": "EMS123", "scan": pdf("回证.pdf")})
    proof = ProofOfService.objects.get()
    assert client.get(at("proof", case.filing.reception_id, case.pk, proof.pk)).status_code == 200
    # Twice the same button leaves one.
    client.post(page, given | {"tracking_number": "EMS123", "scan": pdf("回证.pdf")})
    assert ProofOfService.objects.count() == 1
    assert "有文书等待送达的收件" not in text(client.get(reverse("admin:index")))
    said = "邮寄送达（邮件号 EMS123），陈经办于 2026年11月23日"
    assert said in text(client.get(at("change", case.filing.reception_id)))
    assert said in text(client.get(reverse("admin:repairs_repaircase_change", args=[case.pk])))
    # An account that acts for the subject sees the case, and that nothing was mailed.
    client.force_login(alice)
    status = text(client.get(reverse("repairs:status", args=[case.number])))
    assert said in status and "不发送电子邮件和站内通知" in status and "发给您的通知" not in status
    receipt = text(client.get(reverse("repairs:submitted", args=[case.number])))
    assert wang.email not in receipt and "不发送电子邮件" in receipt


def test_the_subjects_account_waits_while_the_window_enters(
    client, general_record, acme, market_bureau, wang, alice
):
    records = [
        general_record,
        make_record(acme, market_bureau, document_number="宁市监处罚〔2026〕21号"),
        make_record(acme, market_bureau, document_number="宁市监处罚〔2026〕22号"),
    ]
    free = make_record(acme, market_bureau, document_number="宁市监处罚〔2026〕23号")
    cases = cases_of(received(general_record, wang, records=records))
    client.force_login(alice)
    assert "办理机构正在录入窗口（邮寄）收到的材料" in text(client.get(reverse("records:list")))
    chosen = {"records": [each.pk for each in records]} | {
        f"organ_{each.pk}": market_bureau.pk for each in records
    }
    # The same records are neither begun once more nor does the choice lead into what the window enters.
    together = client.post(reverse("repairs:together", args=[acme.pk]), chosen)
    assert together.status_code == 200 and RepairCase.objects.count() == len(records)
    reply = client.get(reverse("repairs:start", args=[general_record.pk]), follow=True)
    assert "不需要另行申请" in text(reply)
    assert cases[0].number not in text(client.get(reverse("portal:desk")))

    number, filing = cases[0].number, cases[0].filing_id
    material = cases[0].materials.get()
    joining = {"records": [free.pk], f"organ_{free.pk}": market_bureau.pk}
    shown = {"case": [f"{case.number}:{case.version}" for case in cases]}

    def statuses():
        get = [client.get(reverse(f"repairs:{name}", args=[number])) for name in CASE_PAGES]
        get += [client.get(reverse(f"repairs:{name}", args=[filing])) for name in FILING_PAGES]
        get.append(client.get(reverse("repairs:open_file", args=[number, material.pk])))
        posts = [
            client.post(reverse("repairs:take_out", args=[number])),
            client.post(reverse("repairs:submit", args=[number]), {"version": cases[0].version}),
            client.post(reverse("repairs:filing_add", args=[filing]), joining),
            client.post(reverse("repairs:filing_submit", args=[filing]), shown),
        ]
        return get, posts

    assert {each.status_code for replies in statuses() for each in replies} == {404}
    # Of a filing one of whose cases was given up, no more is shown of the others.
    steps.withdraw_case(case=cases[2], actor=wang, at=moment("2026-11-23 10:00"))
    cases.pop()
    for reply in [each for replies in statuses() for each in replies]:
        assert reply.status_code == 404 or reply.url == reverse("records:list")
    assert RepairCase.objects.filter(filing=filing).count() == len(records)
