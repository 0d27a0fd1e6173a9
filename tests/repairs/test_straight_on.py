"""Saving one task leads to the next that is open; the last page is signed and filed at once."""

from datetime import date

import pytest
from django.urls import reverse

from applications.commitments.models import Commitment
from applications.commitments.wording import text_digest
from applications.repairs import services
from applications.repairs.models import RepairCase
from applications.repairs.services.filings import text_to_sign
from tests.fixtures import PASSWORD, make_record, make_user, moment
from tests.pages import text
from tests.repairs.sitting import SITTING, page, shown
from tests.repairs.steps import joined, paper, pdf, prepared, submitted

NOW = moment("2026-11-20 09:00")
CONTACT = {"name": "陈经办", "phone": "025-12345678"}


def url(name, case, *more):
    return reverse(f"repairs:{name}", args=[case.number, *more])


@pytest.fixture
def fresh(general_record, market_bureau, alice):
    return services.start_case(record=general_record, organ=market_bureau, applicant=alice, at=NOW)


@pytest.fixture
def unsigned(fresh, alice):
    """A draft that lacks the signature alone."""
    services.save_contact(case=fresh, **CONTACT, actor=alice, at=NOW)
    services.save_fulfilment(
        case=fresh,
        corrected_on=date(2026, 6, 1),
        fulfilled={duty.pk: date(2026, 6, 2) for duty in fresh.obligations.all()},
        actor=alice,
        at=NOW,
    )
    for kind in ("licence", "fulfilment"):
        services.add_material(case=fresh, kind=kind, upload=paper(kind), actor=alice, at=NOW)
    return RepairCase.objects.get(pk=fresh.pk)


def signature(case, **other):
    return {
        "signatory": "陈示例",
        "publication_consent": "yes",
        "password": PASSWORD,
        "shown": text_digest(text_to_sign(case)),
        "version": case.version,
        **other,
    }


def test_each_save_leads_to_what_is_open_next(client, fresh, alice):
    client.force_login(alice)
    assert client.post(url("contact", fresh), CONTACT).url == url("fulfilment", fresh)
    (duty,) = fresh.obligations.all()
    days = {"corrected_on": "2026-06-01", f"duty_{duty.pk}": "2026-06-02"}
    # Without the proof: the licence first, as the list has it.
    assert client.post(url("fulfilment", fresh), days).url == url("files", fresh, "licence")
    client.post(url("files", fresh, "licence"), {"uploads": pdf("营业执照.pdf")})
    assert f'href="{url("files", fresh, "fulfilment")}">不再上传' in text(
        client.get(url("files", fresh, "licence"))
    )
    # Whoever signs with the own account does so on the last page.
    again = client.post(url("fulfilment", fresh), {**days, "uploads": pdf("缴款凭证.pdf")})
    assert again.url == url("check", fresh)
    assert {each.kind for each in fresh.materials.all()} == {"licence", "fulfilment"}


def test_what_is_still_open_before_is_not_passed_over(client, fresh, alice):
    """A duty that is not fulfilled yet: saving goes on all the same, and in the end comes back."""
    client.force_login(alice)
    services.save_contact(case=fresh, **CONTACT, actor=alice, at=NOW)
    for kind in ("licence", "fulfilment"):
        services.add_material(case=fresh, kind=kind, upload=paper(kind), actor=alice, at=NOW)
    answer = client.post(url("fulfilment", fresh), {"corrected_on": "2026-06-01"})
    assert answer.url == url("check", fresh)
    assert client.post(url("contact", fresh), CONTACT).url == url("fulfilment", fresh)
    # It cannot be filed, and so not signed there either.
    asked = text(client.get(url("check", fresh)))
    assert "还不能提交" in asked and 'name="password"' not in asked


def test_a_refused_proof_keeps_the_days(client, fresh, alice):
    client.force_login(alice)
    answer = client.post(
        url("fulfilment", fresh),
        {"corrected_on": "2026-06-01", "uploads": pdf("凭证.pdf").__class__("坏.pdf", b"?")},
    )
    assert "“坏.pdf”" in text(answer) and answer.status_code == 200
    fresh.refresh_from_db()
    assert fresh.corrected_on == date(2026, 6, 1)


def test_a_bookkeeper_is_led_to_the_ways_of_signing(client, unsigned, bob):
    client.force_login(bob)
    assert client.post(url("contact", unsigned), CONTACT).url == url("commitment", unsigned)
    assert 'name="password"' not in text(client.get(url("check", unsigned)))
    # And cannot sign for the representative by posting there.
    answer = text(client.post(url("check", unsigned), signature(unsigned)))
    assert "还不能提交" in answer
    assert not Commitment.objects.exists()


def test_signing_and_filing_are_one_act(client, unsigned, alice):
    client.force_login(alice)
    asked = text(client.get(url("check", unsigned)))
    assert all(paragraph in asked for paragraph in text_to_sign(unsigned))
    assert "还不能提交" not in asked
    answer = client.post(url("check", unsigned), signature(unsigned))
    assert answer.url == url("submitted", unsigned)
    unsigned.refresh_from_db()
    assert unsigned.status == "submitted"
    assert (Commitment.objects.get().signatory, Commitment.objects.get().way) == ("陈示例", "account")
    # The same press again leads to the same receipt.
    assert client.post(url("check", unsigned), signature(unsigned)).url == url("submitted", unsigned)
    assert Commitment.objects.count() == 1


@pytest.mark.parametrize(
    ("other", "said"),
    [
        ({"password": "falsch"}, "密码不正确"),
        ({"publication_consent": "no"}, "申请没有提交，承诺书也没有签署。"),
        ({"publication_consent": ""}, "是否同意向社会公开承诺书"),
        ({"shown": "0" * 64}, "承诺书的文字已经和您看到的不同"),
        ({"version": "99"}, "有变化"),
        ({"signatory": "别人"}, "别人"),
    ],
)
def test_what_cannot_be_filed_is_not_signed(client, unsigned, alice, other, said):
    client.force_login(alice)
    answer = client.post(url("check", unsigned), signature(unsigned, **other))
    assert answer.status_code == 200
    assert said in text(answer) and "<title>错误：" in text(answer)
    unsigned.refresh_from_db()
    assert unsigned.status == "draft" and not Commitment.objects.exists()


def test_papers_used_again_lead_straight_on(client, acme, general_record, market_bureau, alice):
    submitted(general_record, market_bureau, alice)
    other = make_record(acme, market_bureau, document_number="宁市监处罚〔2026〕31号")
    client.force_login(alice)
    begin = reverse("repairs:start", args=[other.pk])
    ticked = client.get(begin).context["form"].fields["again"].initial
    answer = client.post(begin, {"organ": market_bureau.pk, "again": ticked})
    case = RepairCase.objects.get(record=other)
    assert answer.url == url("fulfilment", case)


def test_several_records_are_signed_and_filed_on_their_page(
    client, acme, general_record, market_bureau, alice
):
    other = make_record(acme, market_bureau, document_number="宁市监处罚〔2026〕31号")
    first = prepared(general_record, market_bureau, alice)
    second = joined(first, other, market_bureau, alice, SITTING)
    client.force_login(alice)
    cases = list(first.filing.cases.order_by("pk"))
    # The signature of before was about one record.
    asked = text(client.get(page("filing_check", first.filing_id)))
    assert str(other) in asked and 'name="password"' in asked and "还不能提交" not in asked
    sent = {**signature(first), **shown(cases)}
    answer = client.post(page("filing_check", first.filing_id), {**sent, "password": "falsch"})
    assert "密码不正确" in text(answer)
    assert client.post(page("filing_check", first.filing_id), sent).url == page("filed", first.filing_id)
    assert {each.status for each in first.filing.cases.all()} == {"submitted"}
    second.refresh_from_db()
    assert second.filing.commitment.records.count() == 2
    again = client.post(page("filing_check", first.filing_id), sent)
    assert again.url == page("filed", first.filing_id)


def test_whoever_acts_for_nobody_here_sees_nothing(client, unsigned):
    client.force_login(make_user("niemand@example.com", "陈示例"))
    assert client.post(url("check", unsigned), signature(unsigned)).status_code == 404
    assert not Commitment.objects.exists()


def test_the_signature_comes_last_wherever_one_begins(client, acme, fresh, market_bureau, alice):
    """Whoever does first what all records of a sitting share goes on with what each has of its own, and then to the end."""
    other = make_record(acme, market_bureau, document_number="宁市监处罚〔2026〕31号")
    second = services.start_case(
        record=other, organ=market_bureau, applicant=alice, at=NOW, filing=fresh.filing
    )
    client.force_login(alice)
    assert client.post(url("contact", fresh), CONTACT).url == url("files", fresh, "licence")
    licence = client.post(url("files", fresh, "licence"), {"uploads": pdf("营业执照.pdf")}, follow=True)
    assert f'href="{url("fulfilment", fresh)}">不再上传' in text(licence)
    for case, then in ((fresh, url("fulfilment", second)), (second, url("check", second))):
        (duty,) = case.obligations.all()
        days = {"corrected_on": "2026-06-01", f"duty_{duty.pk}": "2026-06-02"}
        assert client.post(url("fulfilment", case), {**days, "uploads": pdf("凭证.pdf")}).url == then


def test_who_has_signed_otherwise_than_with_the_account_goes_on_to_file(client, unsigned, bob):
    services.add_material(case=unsigned, kind="authorisation", upload=paper("授权委托书"), actor=bob, at=NOW)
    client.force_login(bob)
    signed = client.post(
        url("signing_agent", unsigned), signature(unsigned, signatory=bob.name, scope="on", save="")
    )
    assert signed.url == url("check", unsigned)
    assert Commitment.objects.get().way == "agent"
