"""Names with rare characters: set by a further font, or else the letter is not issued and people are told."""

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.urls import reverse
from weasyprint import HTML

from applications.accounts.models import Role
from applications.documents import fonts
from applications.documents.fonts import missing_characters
from applications.documents.models import Document
from applications.documents.rendering import render_pdf
from applications.documents.services import render_document
from applications.notifications.models import Fault, Message
from applications.organs.models import Organ
from applications.repairs import services
from applications.repairs.models import Filing
from applications.reports.models import CreditReport
from tests.documents.contents import OWN
from tests.documents.glyphs import boxes, glyphs
from tests.documents.test_letters import text_of
from tests.fixtures import make_user, moment
from tests.repairs.steps import prepared, submitted

pytestmark = pytest.mark.django_db

RARE = "𠮷㐂𣲗𫖯𬭚"
# Extension I of Unicode 15.1 and a private-use character: no font of ours has the one, nothing says what the other is.
NO_FONT, PRIVATE = "\U0002ebf0", "\ue826"


@pytest.fixture
def keeper(market_bureau):
    return make_user("keeper@example.cn", "管系统", market_bureau, Role.SYSTEM_ADMIN)


@pytest.mark.parametrize("kind", sorted(OWN))
def test_no_letter_draws_an_empty_box(issue, kind):
    pdf = render_pdf(issue(kind)).pdf
    assert boxes(pdf) == 0
    assert len(glyphs(pdf)) > 300


def test_an_empty_box_would_be_seen():
    assert boxes(HTML(string=f"<p>名{NO_FONT}</p>").write_pdf()) > 0
    assert boxes(HTML(string="<p>名字</p>").write_pdf()) == 0


@pytest.mark.parametrize("kind", sorted(OWN))
def test_a_name_with_rare_characters_is_set_by_a_further_font(issue, kind):
    name = f"南京{RARE}食品有限公司"
    changes = {"subject": {"name": name, "code": "91350100M000100Y43", "kind": "organisation"}}
    if kind == "commitment":
        changes["signatory"] = name
    pdf = render_pdf(issue(kind, **changes)).pdf
    assert name in text_of(pdf)
    assert boxes(pdf) == 0
    assert any("HanaMin" in font for font, _code in glyphs(pdf))


def test_rare_characters_in_the_seal(issue):
    organ = Organ.objects.create(
        code="nj-rare",
        name=f"南京{RARE}局",
        kind=Organ.Kind.IDENTIFYING_UNIT,
        region="320100",
        document_prefix="宁稀",
    )
    pdf = render_pdf(issue(by=organ)).pdf
    assert boxes(pdf) == 0 and organ.name in text_of(pdf)


@pytest.mark.parametrize(
    ("first", "last"),
    [(0x4E00, 0x9FFF), (0x3400, 0x4DB5), (0x20000, 0x2A6D6), (0x2A700, 0x2B734), (0x2B740, 0x2B81D),
     (0x2B820, 0x2CEA1), (0x2CEB0, 0x2EBE0)],
)  # fmt: skip
def test_the_fonts_have_every_character_of_unicode_10(first, last):
    assert missing_characters("".join(map(chr, range(first, last + 1)))) == []


def test_what_is_not_drawn_needs_no_font():
    assert missing_characters("葛\U000e0100　\u200d\n\t\ufe0f\xa0\u202a") == []


def test_all_that_is_said_is_looked_at():
    assert missing_characters(
        {"a": ["x", {"b": f"王{NO_FONT}", "n": 3}], "c": (NO_FONT, PRIVATE), "d": None}
    ) == [
        NO_FONT,
        PRIVATE,
    ]


@pytest.mark.parametrize(
    ("character", "told"), [(NO_FONT, f"“{NO_FONT}”（U+2EBF0）"), (PRIVATE, "私用区字符 U+E826")]
)
def test_a_letter_that_could_not_be_read_is_not_issued(issue, character, told):
    with pytest.raises(ValidationError) as refused:
        issue(reasons=f"他{character}说")
    said = refused.value.messages[0]
    assert said.startswith("“信用修复申请受理通知书”没有签发") and told in said
    assert not Document.objects.exists()


@time_machine.travel(moment("2026-11-25 10:00"), tick=False)
def test_the_officer_sees_why_the_case_stays_and_an_alarm_names_character_and_letter(
    client, general_record, market_bureau, alice, wang, keeper
):
    case = submitted(general_record, market_bureau, alice)
    subject = general_record.subject
    subject.name = f"南京{NO_FONT}食品有限公司"
    subject.save()
    before = Document.objects.count()
    client.force_login(wang)
    page = reverse("admin:repairs_step", args=[case.pk, "accept"])
    answer = client.post(page, {"version": case.version}, follow=True).content.decode()
    assert f"“{NO_FONT}”（U+2EBF0）" in answer and "没有签发" in answer and "已通知系统管理员" in answer

    case.refresh_from_db()
    assert case.status == "submitted" and Document.objects.count() == before
    fault = Fault.objects.get()
    assert (fault.work, fault.row) == ("document", f"{case.number} acceptance_notice")
    message = Message.objects.get(recipient=keeper, channel="inbox")
    assert case.number in message.body and "U+2EBF0" in message.body and "受理通知书" in message.body
    assert "再试" not in message.body

    # The font is there, and the same step goes through; no number was lost.
    subject.name = "南京示例食品有限公司"
    subject.save()
    client.post(page, {"version": case.version}, follow=True)
    case.refresh_from_db()
    assert case.status == "accepted"
    assert Document.objects.get(kind="acceptance_notice").number.endswith("〔2026〕1号")


@time_machine.travel(moment("2026-11-25 10:00"), tick=False)
def test_the_applicant_is_told_before_anything_is_signed(general_record, market_bureau, alice, keeper):
    case = prepared(general_record, market_bureau, alice)
    commitment = case.filing.commitment
    number = commitment.document.number
    alice.name = case.record.subject.legal_representative = f"陈{NO_FONT}"
    case.record.subject.save()
    with pytest.raises(services.NotReady, match=r"U\+2EBF0"):
        services.sign_commitment(
            case=case,
            signatory=f"陈{NO_FONT}",
            publication_consent=True,
            actor=alice,
            at=moment("2026-11-25 10:00"),
        )
    commitment = Filing.objects.get(pk=case.filing_id).commitment
    assert commitment.document.number == number and commitment.document.status == "valid"
    assert "U+2EBF0" in Message.objects.get(recipient=keeper, channel="inbox").body


@time_machine.travel(moment("2026-12-02 14:03"), tick=False)
def test_a_report_says_so_on_its_page(client, acme, credit_bureau, qian):
    client.force_login(qian)
    form = {"variant": "repair", "purpose": f"给{PRIVATE}", "once": "a" * 32}
    answer = client.post(reverse("admin:reports_issue", args=[acme.pk]), form, follow=True)
    assert "私用区字符 U+E826" in answer.content.decode()
    assert not CreditReport.objects.exists() and Fault.objects.count() == 1


def test_a_worker_without_the_font_makes_no_empty_boxes(issue, monkeypatch):
    document = issue(reasons=RARE)
    monkeypatch.setattr(fonts, "_coverage", lambda: ([0x20], [0x9FFF]))
    with pytest.raises(LookupError, match=r"U\+20BB7"):
        render_document(document.pk, at=document.issued_at)
    document.refresh_from_db()
    assert document.pdf is None and "U+20BB7" in document.render_error
