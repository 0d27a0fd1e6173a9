"""What a person reads in the PDFs, that they print the same everywhere, and that content in them is inert."""

import io
import re

import pikepdf
import pytest
from pypdf import PdfReader
from weasyprint.formatting_structure.boxes import TextBox

from applications.documents.attached import NAME
from applications.documents.rendering import lay_out, render_html, render_pdf
from tests.documents.contents import OWN, REMEDIES

pytestmark = pytest.mark.django_db


def read(pdf: bytes) -> PdfReader:
    return PdfReader(io.BytesIO(pdf))


def text_of(pdf: bytes) -> str:
    """All text, without the line breaks and spaces that only the layout has."""
    return re.sub(r"\s+", "", "".join(page.extract_text() for page in read(pdf).pages))


@pytest.fixture
def letter(issue):
    """The text of a letter of a kind, as it can be searched and read aloud."""

    def letter(kind: str, **changes) -> str:
        return text_of(render_pdf(issue(kind, **changes)).pdf)

    return letter


@pytest.mark.parametrize("kind", sorted(OWN))
def test_every_letter_is_titled_numbered_dated_and_verifiable(issue, kind):
    document = issue(kind)
    rendered = render_pdf(document)
    text = text_of(rendered.pdf)
    assert document.get_kind_display() in text
    assert document.number in text
    assert "XF-320100-2026-004217-7" in text or kind in (
        "commitment", "repair_notice", "information_result", "repair_certificate", "training_certificate",
    )  # fmt: skip
    assert "南京市市场监督管理局" in text
    assert f"https://credit.example.gov.cn/v/{document.verification_code}/" in text
    code = document.verification_code
    assert "-".join(code[i : i + 4] for i in (0, 4, 8, 12)) in text
    assert f"第1页共{rendered.pages}页" in text
    assert "—1—" in text
    assert len(rendered.pdf) <= 96 * 1024


@pytest.mark.parametrize("kind", sorted(OWN))
def test_every_letter_can_be_read_aloud(issue, kind):
    """Each picture says what it shows, and each cell of a table which heading it stands under."""
    document = issue(kind)
    code = f"打开核验网址的二维码：https://credit.example.gov.cn/v/{document.verification_code}/"
    with pikepdf.open(io.BytesIO(render_pdf(document).pdf)) as pdf:
        assert pdf.Root.ViewerPreferences.DisplayDocTitle and pdf.Root.Lang == "zh-CN"
        elements = list(below(pdf.Root.StructTreeRoot))
        pictures = {str(each.get("/Alt", "")) for role, each in elements if role == "/Figure"}
        cells = [list(each.A.get("/Headers", [])) for role, each in elements if role == "/TD"]
    # A commitment is signed, and bears no seal.
    assert pictures == {code} | ({"南京市市场监督管理局，以核验为准"} if kind != "commitment" else set())
    assert all(cells)


def below(element):
    """Each element of the structure with its role."""
    for kid in element.get("/K", []):
        if isinstance(kid, pikepdf.Dictionary) and "/S" in kid:
            yield str(kid.S), kid
            yield from below(kid)


def test_fonts_are_embedded_and_chinese(issue):
    fonts = {}
    for page in read(render_pdf(issue()).pdf).pages:
        for font in page["/Resources"]["/Font"].values():
            font = font.get_object()
            descriptor = font["/DescendantFonts"][0].get_object()["/FontDescriptor"].get_object()
            fonts[font["/BaseFont"]] = "/FontFile2" in descriptor or "/FontFile3" in descriptor
    assert fonts
    assert all(fonts.values())
    assert all("AR-PL-SungtiL-GB" in name for name in fonts)


def test_pages_are_a4(issue):
    box = read(render_pdf(issue()).pdf).pages[0].mediabox
    # 210 by 297 mm.
    assert (round(float(box.width)), round(float(box.height))) == (595, 842)


def test_the_same_content_gives_the_same_bytes(issue):
    document = issue("grant_decision")
    first = render_pdf(document).pdf
    document.refresh_from_db()
    assert render_pdf(document).pdf == first
    reader = read(first)
    assert reader.metadata.title == f"准予信用修复决定书 {document.number}"
    # The moment of issue, not of rendering: 14:03 in Shanghai.
    assert reader.metadata.creation_date.isoformat() == "2026-12-02T06:03:00+00:00"


def test_letters_stay_chinese_for_an_english_reader(issue):
    from django.utils import translation

    document = issue()
    chinese = render_html(document)
    with translation.override("en"):
        assert render_html(document) == chinese


def test_receipt(letter):
    text = letter("receipt")
    assert "2026年11月23日09:30:15" in text
    assert "最迟于2026年11月26日（周四）告知" in text
    assert "482913" in text
    assert "营业执照（副本）.pdf" in text
    assert "第八条" in text
    assert "a1a1a1a1a1a1a1a1" in text


def test_repair_notice(letter):
    text = letter("repair_notice")
    assert "失信等级一般失信（第四条）" in re.sub(r"\s", "", text)
    assert "general" not in text


def test_acceptance_notice(letter):
    text = letter("acceptance_notice")
    assert "自2026年11月24日起予以受理" in text
    assert "最迟于2026年12月3日（周四）作出是否予以信用修复的决定" in text
    assert "王受理" in text
    assert "025-00000001" in text
    assert "放假安排尚未公布" not in text


def test_a_provisional_date_says_so(letter):
    due = {"date": "2026-12-30", "working_days": 7, "provisional": True, "awaits": 2027}
    # The New Year holiday of 2027 may begin in December.
    assert "2026年12月30日（周三）（2027年放假安排尚未公布" in letter("acceptance_notice", decide_by=due)


def test_correction_notice_tells_everything_at_once(letter):
    text = letter("correction_notice")
    assert "共2项）一次性告知" in text
    assert "复印件没有加盖公章。" in text
    assert "分辨率不低于150dpi。" in text
    assert "不再就本次申请要求补正其他材料" in text


def test_non_acceptance_says_why_and_where_to_go(letter):
    text = letter("non_acceptance_notice")
    assert "由苏州市生态环境局认定，不在我单位职责范围内" in text
    assert "第三条、第七条" in text
    assert "本事项由苏州市生态环境局办理，请向该单位提出申请" in text
    # Of another body's record one cannot apply here again.
    assert "再次提出申请" not in text


def test_grant_states_facts_basis_and_effect(letter):
    text = letter("grant_decision")
    assert "决定准予信用修复" in text
    assert "第四条、第九条" in text
    assert "罚款已于2026年6月1日缴清" in text
    assert "不再作为信用惩戒的依据" in text
    assert "已于2026年12月2日14:03在本网站撤销公示" in text
    assert "抄送：公共信用信息共享平台、南京市市场监督管理局" in text
    assert "第五条、第九条" in letter("grant_decision", record={"severity": "serious"})


def test_a_grant_on_an_objection_cites_article_thirteen_and_the_decision_that_it_replaces(letter):
    text = letter(
        "grant_decision", instead_of={"number": "宁市监信修不〔2026〕3号", "objected_on": "2026-11-27"}
    )
    assert "对《不予信用修复决定书》（宁市监信修不〔2026〕3号" in text
    assert "我单位于2026年11月27日收到，现已核实完毕，异议成立" in text
    assert (
        "第四条、第九条、第十三条，决定撤销《不予信用修复决定书》（宁市监信修不〔2026〕3号），准予信用修复。"
        "本决定取代该决定书。" in text
    )
    # It was not the examination of the application that ended.
    assert "现已审查终结" not in text


def test_of_several_duties_each_stands_with_its_day(letter):
    duties = [
        {"name": "罚款", "fulfilled_on": None},
        {"name": "没收违法所得", "fulfilled_on": "2026-06-02"},
    ]
    reason = "尚有法定责任和义务没有履行完毕：罚款"
    finding = {
        "code": "obligations_fulfilled",
        "label": "法定责任和义务已经履行完毕",
        "article": "四",
        "reason": reason,
        "duties": duties,
        "note": "缴款凭证金额不符。",
        "remedy": "请先履行完毕下列义务，再提供履行完毕的材料：罚款。",
    }
    text = letter("refusal_decision", findings=[finding])
    assert "罚款：没有履行完毕" in text and "没收违法所得：2026年6月2日履行完毕" in text


def test_refusal_states_each_reason_how_to_apply_again_and_the_remedies(letter):
    text = letter("refusal_decision")
    assert "决定不予信用修复" in text
    assert "罚款尚有3000元未缴清" in text
    assert "缴清全部罚款后提交完整收据" in text
    assert "自2027年2月2日起不再是障碍" in text
    assert "自2027年2月2日起可以再次提出申请" in text
    assert "第十三条向南京市市场监督管理局提出异议申请" in text
    assert "5个工作日内" in text
    assert "由不是作出本决定的人员办理" in text
    assert REMEDIES in text


def test_objection_result(letter):
    assert (
        "异议成立，撤销原决定，准予信用修复，另行作出《准予信用修复决定书》（宁市监信修准〔2026〕8号）"
        in letter("objection_result")
    )
    upheld = letter("objection_result", outcome="upheld", remedies=REMEDIES, new_decision=None)
    assert "异议不成立，维持原决定" in upheld
    assert "怎样重新申请" in upheld
    assert REMEDIES in upheld


def test_an_answer_to_an_objection_goes_through_it_item_by_item(letter):
    text = letter("information_result")
    assert "异议编号：YY-320100-2026-000003" in text and "2026年11月25日收到" in text
    assert "异议部分成立，成立的部分已按下表更正，其余维持原信息" in text
    assert "罚款金额（万元）0.50.3成立，更正为：0.3" in text
    assert "违法事实标签未标明生产日期。没有这回事。不成立，维持原信息" in text
    assert "决定书载明罚款3000元" in text and "决定书写的是3000元" in text
    assert REMEDIES in text


@pytest.mark.parametrize(
    ("outcome", "said"),
    [("accepted", "异议成立，该信息已经补录"), ("rejected", "异议不成立，没有应当补录的信息")],
)
def test_an_answer_about_a_missing_record(letter, outcome, said):
    text = letter("information_result", record=None, items=[], outcome=outcome, remedies="")
    assert "对缺少的失信行为信息提出的信息异议" in text and said in text
    assert "异议处理中" not in text and "决定文书号" not in text


def test_commitment_states_whether_it_may_be_published(letter):
    text = letter("commitment")
    assert "承诺人同意将本承诺书向社会公开" in text
    assert "签署人：陈示例" in text
    assert "2026年11月23日09:20:05" in text
    assert "未同意将本承诺书向社会公开" in letter("commitment", consent=False)


ITEM = {"material": "履行完毕证明", "defect": "收据上看不清处罚决定书文号。", "requirement": "请重新上传。"}


@pytest.mark.parametrize(
    ("kind", "changes"),
    [
        ("correction_notice", {"items": [ITEM] * 60}),
        ("correction_notice", {"items": [{**ITEM, "defect": "长" * 5000}]}),
        ("objection_result", {"reasons": "理由" * 2500}),
        ("non_acceptance_notice", {"reason": "LongAsciiWordWithoutAnySpace" * 180}),
        (
            "receipt",
            {"materials": [{"kind": "其他材料", "name": "x" * 255, "pages": 300, "sha256": "f" * 64}] * 60},
        ),
        (
            "acceptance_notice",
            {
                "subject": {
                    "name": "Very Long Company Name Limited " * 6,
                    "code": "X" * 18,
                    "kind": "organisation",
                }
            },
        ),
        (
            "grant_decision",
            {"record": {}, "effects": [], "findings": [], "organ": {}, "publicity_withdrawn_at": None},
        ),
        ("refusal_decision", {"objection": None, "remedies": "", "reapply": "", "organ": {}}),
        ("receipt", {"answer_by": None, "materials": [], "tracking_code": ""}),
        ("objection_result", {"record": None, "remedies": ""}),
        ("information_result", {"reasons": "理由" * 2500, "grounds": "Word" * 1200}),
    ],
    ids=lambda value: value if isinstance(value, str) else ",".join(value),
)
def test_long_and_missing_parts_stay_on_the_page(issue, kind, changes):
    document = issue(kind, **changes)
    rendered = render_pdf(document)
    reader = read(rendered.pdf)
    text = text_of(rendered.pdf)
    for word in ("None", "Undefined", "[]"):
        assert word not in text
    for number, page in enumerate(reader.pages, 1):
        assert f"—{number}—" in re.sub(r"\s+", "", page.extract_text())
    # Every word ends before the right margin, 26 mm of 96 CSS pixels an inch.
    for page in lay_out(document).pages:
        ends = [
            box.position_x + box.width for box in page._page_box.descendants() if isinstance(box, TextBox)
        ]
        assert max(ends) <= page.width - 26 * 96 / 25.4 + 1
    for key in ("reasons", "reason"):
        if key in changes:
            assert text.count(changes[key][:2]) >= len(changes[key]) // len(changes[key][:2]) // 20
    if "items" in changes:
        assert text.count("长") in (0, 5000)


HOSTILE = [
    '<img src="file:///etc/passwd">',
    '<link rel="attachment" href="file:///etc/hostname">',
    '<script src="http://169.254.169.254/latest/meta-data/"></script>',
    "<style>@import url(http://127.0.0.1:9/x.css);</style>",
    '"><iframe src="http://localhost/">',
    "{% include '/etc/passwd' %}{{ settings.SECRET_KEY }}",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_what_people_write_is_printed_and_never_obeyed(issue, text):
    document = issue(
        "correction_notice",
        subject={"name": text, "code": text, "kind": "organisation"},
        items=[{"material": text, "defect": text, "requirement": text}],
        officer=text,
    )
    pdf = render_pdf(document).pdf
    assert text_of(pdf).count(re.sub(r"\s+", "", text)) >= 4
    assert list(read(pdf).attachments) == [NAME]


@pytest.mark.parametrize(
    "url",
    ["http://127.0.0.1/", "https://example.com/x.png", "file:///etc/passwd", "data:text/plain,x", "x.png"],
)
def test_a_letter_that_asks_for_anything_outside_is_not_rendered(url):
    from weasyprint import HTML
    from weasyprint.urls import FatalURLFetchingError

    from applications.documents.rendering import NothingFetcher

    for markup in (
        f'<img src="{url}">',
        f'<link rel="stylesheet" href="{url}">',
        f"<style>@import '{url}';</style>",
    ):
        with pytest.raises(FatalURLFetchingError):
            HTML(string=markup, base_url="file:///etc/", url_fetcher=NothingFetcher({})).write_pdf()
