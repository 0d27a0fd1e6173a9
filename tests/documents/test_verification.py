"""The public page /v/: what a visitor reads, and what is not told."""

import re
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError, connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from applications.documents import verification
from applications.documents.forms import AskForm
from applications.documents.models import Document
from applications.documents.services import issue_document, void_document
from applications.documents.verification import find_document
from tests.documents.conftest import ISSUED
from tests.documents.contents import content_of

pytestmark = pytest.mark.django_db


def page(client, document: Document, **kwargs):
    return client.get(reverse("documents:verified", args=[document.verification_code]), **kwargs)


def seen(response) -> str:
    """The page as it is read: no tags, no line breaks, nothing hidden."""
    body = response.content.decode().split("<main", 1)[1]
    body = re.sub(r"<p [^>]*\bhidden\b.*?</p>", "", body, flags=re.DOTALL)
    return re.sub(r"\s+", "", re.sub(r"<[^>]+>", "", body))


def ask(client, code: str, content: bytes | None = None, name: str = "文书.pdf"):
    """What the form sends without JavaScript."""
    form = {"code": code, "sha256": ""}
    if content is not None:
        form["pdf"] = SimpleUploadedFile(name, content, "application/pdf")
    return client.post(reverse("documents:verify"), form)


def upload(client, document: Document, content: bytes, name: str = "文书.pdf"):
    return ask(client, document.verification_code, content, name)


@pytest.fixture
def pdf(notice) -> bytes:
    with notice.pdf.file.open("rb") as stored:
        return stored.read()


def test_the_form_asks_for_nothing_but_a_number_and_the_file(client):
    response = client.get(reverse("documents:verify"))
    assert response.status_code == 200
    assert "https://credit.example.gov.cn" in seen(response)
    fields = re.findall(r'<input[^>]*name="(\w+)"', response.content.decode().split("<main", 1)[1])
    assert fields == ["csrfmiddlewaretoken", "code", "pdf", "sha256"]
    assert response["X-Robots-Tag"] == "noindex"


def test_a_typed_code_leads_to_its_page(client, notice):
    code = notice.verification_code
    typed = f"{code[:4]}-{code[4:8]} {code[8:]}".lower()
    response = client.get(reverse("documents:verify"), {"code": typed})
    assert response.status_code == 302
    assert response.url == f"/v/{code}/"


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("", "请输入文书上的编号或者核验码，或者选择收到的PDF文件"),
        ("ABC", "看不出这是哪一种编号"),
        ("O" * 16, "其中没有0、1、I、L、O"),
        ("<script>", "看不出这是哪一种编号"),
        ("XF-320100-2026-004217-8", "办件编号的末位校验数字与前面的数字不符"),
        ("20261302140309ABCDEFGH", "报告编号的前14位是年月日时分秒"),
        ("0a1b2c3d4e5f6071", "这是页脚的内容摘要"),
        ("482913", "这是6位查询码"),
        ("91350100M000100Y43", "这是统一社会信用代码"),
        ("9" * 121, "编号不超过120个字符，现有121个"),
    ],
)
def test_a_mistyped_code_is_explained_and_kept(client, typed, said):
    response = client.get(reverse("documents:verify"), {"code": typed})
    assert said in seen(response)
    assert "<title>错误：" in response.content.decode()
    assert "<script>" not in response.content.decode().split("<main", 1)[1]
    if typed == "ABC":
        assert 'value="ABC"' in response.content.decode()


def test_a_valid_document_in_one_sentence_and_three_lines(client, notice):
    response = page(client, notice)
    assert response.status_code == 200
    text = seen(response)
    assert "这份文书真实有效。" in text
    assert "内容未被改动✔" in text
    assert "由南京市市场监督管理局签发✔2026年12月2日（周三）" in text
    assert "目前有效✔未作废" in text
    assert "宁市监信修受〔2026〕1号" in text
    assert "2026年12月2日14:03:00" in text
    assert "南京示例食品有限公司" in text
    assert response["Cache-Control"] == "private, no-store"
    # A letter states no facts that change, so the question is not raised.
    assert "状态自签发后有变化" not in text


def test_a_person_is_masked_and_nothing_else_of_the_content_is_shown(client, market_bureau):
    content = content_of(
        "acceptance_notice",
        subject={"name": "张小明", "code": "320102199001011234", "kind": "natural_person"},
    )
    document = issue_document(
        kind="acceptance_notice",
        organ=market_bureau,
        about="XF-1",
        addressee="张小明",
        content=content,
        at=ISSUED,
    )
    text = seen(page(client, document))
    assert "张*明" in text
    # The organ's telephone stands where everybody is told whom to ask, and nowhere else.
    assert text.count("025-00000001") == 1 and "有疑问，请问南京市市场监督管理局，电话025-00000001" in text
    for secret in ("张小明", "320102", "宁市监处罚〔2026〕15号", "王受理"):
        assert secret not in text


def test_an_unknown_code_does_not_exist(client, notice):
    other = "2" * 15 + ("3" if notice.verification_code != "2" * 15 + "3" else "4")
    response = client.get(reverse("documents:verified", args=[other]))
    assert response.status_code == 404
    assert "编号不存在。" in seen(response)
    assert client.get(reverse("documents:verified", args=["nonsense"])).status_code == 404


def test_only_the_whole_code_finds_the_document(notice):
    code = notice.verification_code
    assert find_document(code) == notice
    for position in range(16):
        wrong = "A" if code[position] != "A" else "B"
        assert find_document(code[:position] + wrong + code[position + 1 :]) is None


@pytest.mark.parametrize("typed", ["{}请核验", "{}-", "2", "请"])
def test_what_is_no_code_reads_no_document(client, notice, typed):
    """Also where it begins as a genuine code does: the answer is that of any other nonsense."""
    typed = typed.format(notice.verification_code[:4])
    with CaptureQueriesContext(connection) as read:
        response = client.get(reverse("documents:verified", args=[typed]))
    assert response.status_code == 404 and "编号不存在。" in seen(response)
    assert [each["sql"] for each in read if "documents_document" in each["sql"]] == []
    assert find_document(notice.verification_code + "请") is None


def test_words_behind_a_code_make_it_none(client, notice):
    response = client.get(reverse("documents:verified", args=[notice.verification_code + "请核验"]))
    assert response.status_code == 404


def test_a_void_document_says_so_at_once(client, notice, zhao):
    void_document(document=notice, reason="张小明的证件号码写错", actor=zhao, at=ISSUED + timedelta(days=1))
    text = seen(page(client, notice))
    assert "已作废：这份文书确由本系统签发，但已于2026年12月3日（周四）作废" in text
    assert "目前有效✘已作废" in text
    assert "真实有效" not in text
    assert "证件号码写错" not in text


def test_a_replaced_document_points_to_the_new_one(client, notice, market_bureau):
    issue_document(
        kind="acceptance_notice",
        organ=market_bureau,
        about=notice.about,
        addressee=notice.addressee,
        content=notice.content,
        at=ISSUED,
        replaces=notice,
    )
    text = seen(page(client, notice))
    new = Document.objects.get(replaces=notice)
    assert (
        f"已于2026年12月2日（周三）被《信用修复申请受理通知书》（{new.number}）取代，请以新文书为准" in text
    )
    assert "目前有效✘已被新文书取代" in text


def test_validity_lasts_through_its_last_day(client, notice, time_machine):
    Document.objects.filter(pk=notice.pk).update(valid_until="2027-06-02")
    notice.refresh_from_db()
    day = notice.valid_until
    assert verification.verify(notice, on=day).standing == "valid"
    assert verification.verify(notice, on=day + timedelta(days=1)).standing == "expired"
    # valid_until belongs to what was frozen: changing it afterwards is found out.
    assert not verification.verify(notice, on=day).intact


@pytest.mark.parametrize(
    "change",
    [{"number": "宁市监信修受〔2026〕9号"}, {"addressee": "别的公司"}, {"content": {"case_number": "X"}}],
)
def test_a_changed_row_is_found_out(client, notice, change):
    Document.objects.filter(pk=notice.pk).update(**change)
    text = seen(page(client, notice))
    assert "内容不符" in text
    assert "内容未被改动✘不一致" in text
    assert "真实有效" not in text


def test_an_exchanged_pdf_is_found_out(client, notice):
    notice.pdf.sha256 = "0" * 64
    notice.pdf.save()
    assert "内容不符" in seen(page(client, notice))


def test_the_very_file_is_recognised_and_not_kept(client, notice, pdf, settings):
    files = sorted(p for p in settings.MEDIA_ROOT.rglob("*") if p.is_file())
    assert "完全一致" not in seen(page(client, notice))
    text = seen(upload(client, notice, pdf))
    assert "文件与签发的文书完全一致。" in text
    assert "这份文书真实有效。" in text
    assert sorted(p for p in settings.MEDIA_ROOT.rglob("*") if p.is_file()) == files


def test_one_flipped_byte_is_a_different_document(client, notice, pdf, monkeypatch):
    # Somewhere in each of forty stretches of the file; the first five bytes only say that it is a PDF.
    for position in range(5, len(pdf), len(pdf) // 40):
        changed = bytearray(pdf)
        changed[position] ^= 1
        text = seen(upload(client, notice, bytes(changed)))
        assert "内容不符：您的文件与签发的文书不一致" in text
        assert "完全一致" not in text
    assert "内容不符" in seen(upload(client, notice, pdf + b"\n"))


@pytest.mark.parametrize(
    ("content", "said"),
    [(b"", "是空文件"), (b"GIF89a", "不是PDF文件"), (b"%PDF-" + b"x" * (20 * 1024 * 1024), "超过20MB")],
    ids=["empty", "picture", "huge"],
)
def test_a_file_that_cannot_be_compared_is_named(client, notice, content, said):
    response = upload(client, notice, content, name="照片<b>.pdf")
    assert f'value="{notice.verification_code}"' in response.content.decode()
    text = response.content.decode()
    assert said in seen(response)
    assert "照片&lt;b&gt;.pdf" in text
    assert "<title>错误：" in text


def test_before_the_pdf_exists_there_is_nothing_to_compare(client, issue):
    document = issue()
    assert "PDF文件正在生成" in seen(page(client, document))
    assert "真实有效" in seen(upload(client, document, b"%PDF-1.7"))


def test_ten_tries_a_minute_for_each_visitor(client, notice, time_machine):
    time_machine.move_to("2026-12-02 14:10:00+08:00", tick=False)
    for _ in range(9):
        assert client.get("/v/2222222222222222/").status_code == 404
    # A number can be thought of, so it counts too; what is found by its code does not.
    assert ask(client, notice.number).status_code == 200
    office, known = type(client)(), type(client)()
    response = page(office, notice)
    assert response.status_code == 429
    assert "每分钟最多10次" in seen(response)
    assert response["Retry-After"] == "60"
    assert page(client, notice, REMOTE_ADDR="192.0.2.7").status_code == 200
    time_machine.move_to("2026-12-02 14:11:01+08:00", tick=False)
    for _ in range(12):
        assert page(known, notice).status_code == 200
    # The office's other devices do not use up what a known one has, and a known one has no more than others.
    for _ in range(10):
        assert office.get("/v/2222222222222222/").status_code == 404
    assert office.get("/v/2222222222222222/").status_code == 429
    for _ in range(10):
        assert known.get("/v/2222222222222222/").status_code == 404
    assert page(known, notice).status_code == 429


def test_one_paper_has_one_count_however_many_cookies_it_gets(client, notice, pdf, time_machine):
    """Whoever throws the cookie away and shows the paper again gets no tries anew, nor do many with one paper."""
    time_machine.move_to("2026-12-02 14:10:00+08:00", tick=False)
    answers = []
    for turn in range(30):
        visitor = type(client)()
        shown = page(visitor, notice) if turn % 2 else ask(visitor, "", pdf)
        assert shown.status_code == 200
        answers.append(ask(visitor, "宁市监信修受〔2026〕7号").status_code)
    assert answers == [404] * 10 + [429] * 20


def test_a_genuine_pdf_is_no_pass_for_guessing_numbers(client, notice, pdf, time_machine):
    time_machine.move_to("2026-12-02 14:10:00+08:00", tick=False)
    answers = [ask(type(client)(), f"宁市监信修受〔2026〕{n}号", pdf).status_code for n in range(2, 14)]
    assert answers == [404] * 10 + [429] * 2


def test_what_is_refused_for_its_form_counts_and_nothing_is_hashed_above_the_limit(
    client, monkeypatch, time_machine
):
    time_machine.move_to("2026-12-02 14:10:00+08:00", tick=False)
    for _ in range(10):
        assert ask(type(client)(), "ABC").status_code == 200
    monkeypatch.setattr(AskForm, "digest", lambda form: pytest.fail("counted"))
    assert ask(type(client)(), "", b"%PDF-1.7").status_code == 429


def test_out_of_order_is_not_said_to_be_forged(client, notice, monkeypatch):
    def down(*_args, **_kwargs):
        raise DatabaseError("connection refused")

    monkeypatch.setattr(verification, "find_document", down)
    response = page(client, notice)
    assert response.status_code == 503
    text = seen(response)
    assert "系统暂不可用" in text
    assert "不说明文书是真是假" in text
    assert "编号不存在" not in text


def test_other_methods_are_refused(client, notice):
    address = reverse("documents:verified", args=[notice.verification_code])
    assert client.put(address).status_code == 405
    assert client.post(address, {"code": notice.verification_code}).status_code == 405
    assert client.put(reverse("documents:verify")).status_code == 405
