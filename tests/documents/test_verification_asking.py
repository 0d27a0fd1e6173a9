"""What is asked at /v/ by any number that a paper bears, by its PDF, or by both: the answers agree with each other."""

import hashlib
import re
from datetime import timedelta

import pytest
from django.urls import reverse

from applications.documents import verification
from applications.documents.models import Document
from applications.documents.rendering import render_draft
from applications.documents.services import issue_document, render_document, void_document
from applications.files.models import StoredFile
from applications.organs.models import Organ
from tests.documents.conftest import ISSUED
from tests.documents.test_verification import ask, seen
from tests.pages import text as text_of

pytestmark = pytest.mark.django_db
CASE = "XF-320100-2026-004217-2"
NUMBER = "宁市监信修受〔2026〕1号"
EXISTS, SAME, IN_FORCE = "有签发记录", "您的PDF文件✔文件与签发的文书完全一致", "目前有效✔未作废"


def bytes_of(document: Document) -> bytes:
    with document.pdf.file.open("rb") as stored:
        return stored.read()


@pytest.fixture
def notice(issue) -> Document:
    return render_document(issue(case_number=CASE).pk, at=ISSUED)


@pytest.fixture
def other(issue) -> Document:
    """Another genuine letter of the same case."""
    return render_document(issue("receipt", case_number=CASE).pk, at=ISSUED)


@pytest.mark.parametrize(
    "typed",
    [
        NUMBER,
        "宁市监信修受[2026]1号",
        "宁市监信修受（２０２６） 01 号",
        "宁市监信修受【2026】第1号",
        "宁市监信修受〔2026〕1",
    ],
)
def test_a_number_says_that_there_is_one_and_not_whose(client, notice, typed):
    response = client.get(reverse("documents:verify"), {"code": typed})
    text = seen(response)
    assert response.status_code == 200
    assert "本系统签发过这个编号的文书，目前有效。您手中的是不是这份文书，还要" in text
    assert NUMBER in text and "您的PDF文件没有比对" in text and IN_FORCE in text
    # Numbers are counted up: whoever thinks of the next learns nobody's name and no code.
    for kept in ("南京示例食品", "真实有效", notice.verification_code, "内容摘要"):
        assert kept not in response.content.decode()


@pytest.mark.parametrize("typed", [CASE, "xf 320100 2026 004217 2", "ＸＦ－320100—2026–004217－2"])
def test_a_case_number_asks_for_the_paper(client, notice, typed):
    response = client.get(reverse("documents:verify"), {"code": typed})
    text = seen(response)
    assert response.status_code == 200
    assert f"本系统就“{CASE}”签发过文书。一个这样的编号可以有几份文书" in text
    assert EXISTS in text and "目前有效不能判断" in text
    assert NUMBER not in text and "受理" not in text


def test_a_number_that_nothing_was_issued_under(client, notice):
    for typed in (
        "宁市监信修受〔2026〕2号",
        "宁市监处罚〔2026〕15号",
        "XF-320100-2026-004218-9",
        "20261202140309ABCDEFGH",
    ):
        response = client.get(reverse("documents:verify"), {"code": typed})
        assert response.status_code == 404
        assert f"编号不存在。本系统没有就“{typed}”签发过文书" in seen(response)


@pytest.mark.parametrize("typed", ["", NUMBER, CASE, "code"])
def test_the_genuine_pdf_whatever_else_is_given(client, notice, typed):
    text = seen(ask(client, notice.verification_code if typed == "code" else typed, bytes_of(notice)))
    assert "这份文书真实有效。" in text
    assert SAME in text and IN_FORCE in text and "南京示例食品有限公司" in text


@pytest.mark.parametrize("typed", ["", NUMBER, CASE, "code"])
def test_one_flipped_byte_whatever_else_is_given(client, notice, typed):
    changed = bytearray(bytes_of(notice))
    changed[len(changed) // 2] ^= 1
    response = ask(client, notice.verification_code if typed == "code" else typed, bytes(changed))
    text = seen(response)
    assert "您的PDF文件✘内容不符" in text
    assert "真实有效" not in text and "完全一致" not in text
    assert response.status_code == (200 if typed else 404)


@pytest.mark.parametrize("typed", ["宁市监信修受〔2026〕1号", "code", "XF-320500-2026-000001-9"])
def test_another_genuine_letter_is_called_that(client, issue, notice, other, typed):
    issue(case_number="XF-320500-2026-000001-9")
    response = ask(client, notice.verification_code if typed == "code" else typed, bytes_of(other))
    text = seen(response)
    assert f"您的文件是本系统签发的另一份文书：《信用修复申请回执》（{other.number}）" in text
    assert "您的PDF文件✘是另一份文书" in text and "内容不符" not in text
    assert reverse("documents:verified", args=[other.verification_code]) in response.content.decode()


def test_a_genuine_pdf_with_a_number_that_does_not_exist(client, notice):
    response = ask(client, "宁市监信修受〔2026〕7号", bytes_of(notice))
    text = seen(response)
    assert response.status_code == 404
    assert "编号不存在，但文件是本系统签发的。" in text and f"《信用修复申请受理通知书》（{NUMBER}）" in text


def test_a_superseded_letter_is_genuine_and_not_in_force(client, notice, market_bureau):
    issue_document(
        kind=notice.kind,
        organ=market_bureau,
        about=notice.about,
        addressee=notice.addressee,
        content=notice.content,
        at=ISSUED,
        replaces=notice,
    )
    for typed in ("", NUMBER, CASE):
        text = seen(ask(client, typed, bytes_of(notice)))
        assert (
            SAME in text and "目前有效✘已被新文书取代" in text and "已被取代：这份文书确由本系统签发" in text
        )


def make_void(notice, zhao, monkeypatch):
    void_document(document=notice, reason="写错", actor=zhao, at=ISSUED + timedelta(days=1))


def replace(notice, zhao, monkeypatch, **changes):
    issue_document(
        kind=notice.kind, organ=notice.organ, about=notice.about, addressee=notice.addressee, content=notice.content,
        at=ISSUED, replaces=notice, **changes,
    )  # fmt: skip


def let_expire(notice, zhao, monkeypatch):
    notice.valid_until = ISSUED.date()
    Document.objects.filter(pk=notice.pk).update(valid_until=notice.valid_until)
    monkeypatch.setattr(verification, "_is_intact", lambda document: True)


def change(notice, zhao, monkeypatch):
    monkeypatch.setattr(verification, "_change_checks", [lambda document: True])


@pytest.mark.parametrize(
    ("happens", "chinese", "english"),
    [
        (make_void, "但已于2026年12月3日（周四）作废，请勿采信。", "but it became void on"),
        (replace, "请以新文书为准。", "but it was replaced on"),
        (let_expire, "有效期至2026年12月2日（周三），现已过期。", "and has expired."),
        (change, "没有作废，但所载信息在签发后有变化。", "it is not void, but what it says has changed"),
    ],
)
def test_a_number_alone_says_its_standing_and_nothing_of_the_paper(
    client, notice, zhao, monkeypatch, time_machine, happens, chinese, english
):
    """The paper in hand may bear the number of a letter and another text."""
    time_machine.move_to("2026-12-04 10:00:00+08:00", tick=False)
    happens(notice, zhao, monkeypatch)
    page = ask(client, NUMBER)
    lead = seen(page).split("核验结果", 2)[-1].split("本系统保存的内容")[0]
    assert lead.startswith("本系统签发过这个编号的文书，") and chinese in lead
    assert lead.endswith("您手中的是不是这份文书，还要用核验码或者PDF文件核对。")
    assert "这份文书真实" not in seen(page) and "这份文书确由" not in seen(page)
    page = client.post(reverse("documents:verify"), {"code": NUMBER}, headers={"Accept-Language": "en"})
    words = " ".join(re.sub(r"<[^>]+>", "", text_of(page)).split())
    assert "This system issued a document with this number" in words and english in words
    assert "Whether the one in your hands is that document has still to be checked" in words
    assert "is genuine" not in words


@pytest.mark.parametrize("typed", [NUMBER, "宁市监信修受〔2026〕7号", "XF-320500-2026-000001-9", "code"])
def test_a_pdf_that_was_exchanged_with_its_row_is_called_genuine_nowhere(client, issue, notice, other, typed):
    issue(case_number="XF-320500-2026-000001-9")
    held = bytes_of(other)
    StoredFile.objects.filter(pk=other.pdf_id).update(sha256=hashlib.sha256(held + b" ").hexdigest())
    text = seen(ask(client, notice.verification_code if typed == "code" else typed, held + b" "))
    assert "您的PDF文件✘内容不符" in text
    assert other.number not in text and "完全一致" not in text and "本系统签发的另一份" not in text


@pytest.mark.parametrize("typed", ["", NUMBER, CASE, "code"])
def test_it_agrees_with_itself_where_the_very_document_was_exchanged(client, notice, typed):
    held = bytes_of(notice) + b" "
    StoredFile.objects.filter(pk=notice.pdf_id).update(sha256=hashlib.sha256(held).hexdigest())
    text = seen(ask(client, notice.verification_code if typed == "code" else typed, held))
    assert "内容不符：系统中保存的内容与签发时的记录不一致" in text
    assert "您的PDF文件✘内容不符" in text and "完全一致" not in text


@pytest.mark.parametrize("typed", [NUMBER, "code"])
def test_a_void_pdf_that_is_another_letter_says_that_it_is_void(client, notice, other, zhao, typed):
    void_document(document=other, reason="写错", actor=zhao, at=ISSUED + timedelta(days=1))
    text = seen(ask(client, notice.verification_code if typed == "code" else typed, bytes_of(other)))
    assert "您的文件是本系统签发的另一份文书" in text and "真实" not in text.split("请与手中的文书对照")[0]
    assert IN_FORCE in text and "您的文件所是的文书目前有效✘已作废" in text


@pytest.mark.parametrize(
    ("prefix", "typed"),
    [
        ("（宁）市监Xf", "（宁）市监Xf受〔2026〕1号"),
        ("（宁）市监Xf", "(宁)市监xf受[2026]1号"),
        ("宁市监 信修", "宁市监信修受〔2026〕1号"),
        ("宁市监１", "宁市监1受（2026）1号"),
    ],
)
def test_the_number_of_an_organ_that_writes_its_characters_otherwise(
    client, market_bureau, issue, prefix, typed
):
    Organ.objects.filter(pk=market_bureau.pk).update(document_prefix=prefix)
    market_bureau.refresh_from_db()
    issued = issue()
    assert issued.number == f"{prefix}受〔2026〕1号"
    text = seen(ask(client, typed))
    assert "本系统签发过这个编号的文书，目前有效。" in text


def test_a_void_letter_and_one_that_was_put_in_its_place(client, notice, other, zhao):
    void_document(document=notice, reason="写错", actor=zhao, at=ISSUED + timedelta(days=1))
    assert "目前有效✘已作废" in seen(ask(client, "", bytes_of(notice)))
    # The answer about the file is of the file.
    text = seen(ask(client, "XF-320100-2026-004218-9", bytes_of(notice)))
    assert "目前有效✘已作废指文件所是的文书" in text


def test_a_draft_and_a_file_of_somebody_are_no_documents(client, notice, issue):
    response = ask(client, "", render_draft(notice))
    assert response.status_code == 404
    assert "没有这样的文书。" in seen(response) and "目前有效不能判断" in seen(response)
    # The very bytes of a file that is kept but was not issued.
    StoredFile.objects.filter(pk=notice.pdf_id).update(sha256="0" * 64)
    StoredFile.objects.create(
        file="ab/x", name="x.pdf", content_type="application/pdf", size=1, stored_at=ISSUED,
        sha256=hashlib.sha256(b"%PDF-upload").hexdigest(),
    )  # fmt: skip
    assert ask(client, "", b"%PDF-upload").status_code == 404


def test_a_digest_alone_answers_like_its_file(client, notice):
    digest = hashlib.sha256(bytes_of(notice)).hexdigest()
    response = client.post(reverse("documents:verify"), {"code": "", "sha256": digest})
    assert SAME in seen(response) and "这份文书真实有效。" in seen(response)
    assert "sha256" in client.post(reverse("documents:verify"), {"sha256": "x"}).context["form"].errors


def test_before_there_is_a_pdf_nothing_is_said_of_the_file(client, issue):
    issue()
    text = seen(ask(client, NUMBER, b"%PDF-1.7"))
    assert "PDF文件正在生成" in text and "内容不符" not in text
