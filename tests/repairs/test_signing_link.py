"""The representative or the person signs by a one-time link, without an account (Article 15)."""

import json
import re
from datetime import timedelta

import pytest
import time_machine
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from applications.accounts.models import TypedText
from applications.commitments.wording import text_digest
from applications.documents.rendering import render_html
from applications.ledger.models import Event
from applications.notifications.models import Message, address_digest
from applications.repairs import services, steps
from applications.repairs.models import RepairCase, SigningLink
from applications.repairs.services.filings import text_to_sign
from applications.repairs.services.signing_links import find_link, make_link, sign_by_link, tail_digest
from applications.subjects.identity import identity_digest
from applications.subjects.models import Claim, Subject
from tests.fixtures import make_record, make_user, moment
from tests.repairs.steps import prepared

NOW = moment("2026-11-20 12:00")
NUMBER = "32010219900101123X"
STRANGER = "填写的内容与链接写明的签署人不符"


@pytest.fixture(autouse=True)
def clock():
    cache.clear()
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def draft(general_record, market_bureau, alice) -> RepairCase:
    return prepared(general_record, market_bureau, alice)


@pytest.fixture
def person(db) -> Subject:
    return Subject.objects.create(
        kind="natural_person", name="周示安", identity_type="resident_id", identity_number=NUMBER,
        identity_digest=identity_digest("resident_id", NUMBER),
    )  # fmt: skip


@pytest.fixture
def draft_of_person(person, market_bureau) -> RepairCase:
    """With a text to sign: its handler is another than the person."""
    handler = make_user("lv@example.com", "吕代办")
    Claim.objects.create(user=handler, subject=person, status="verified", made_at=moment("2026-01-05 09:00"))
    case = services.start_case(
        record=make_record(person, market_bureau), organ=market_bureau, applicant=handler, at=NOW
    )
    services.save_fulfilment(
        case=case, corrected_on=moment("2026-06-01 09:00").date(), fulfilled={}, actor=handler, at=NOW
    )
    case.refresh_from_db()
    return case


def link_of(case, *, name="陈示例", email="") -> SigningLink:
    return make_link(case=case, signatory=name, email=email, actor=case.filing.applicant, at=NOW)


def at_link(link) -> str:
    return reverse("signing:sign", args=[link.token])


def page(answer) -> str:
    return answer.content.decode()


def who(**changed):
    return {"name": "陈示例", "tail": "01123x"} | changed


def hidden(answer, name) -> str:
    return re.search(rf'name="{name}" value="([^"]*)"', page(answer))[1]


def second(answer, **changed):
    return {
        "confirmed": hidden(answer, "confirmed"),
        "shown": hidden(answer, "shown"),
        "publication_consent": "yes",
        "agreed": "on",
        "typed": "陈示例",
    } | changed


def commitment_of(case):
    return RepairCase.objects.get(pk=case.pk).filing.commitment


def test_the_representative_signs_on_the_own_telephone(draft, alice, client):
    before = commitment_of(draft).document_id
    link = link_of(draft)
    asked = client.get(at_link(link))
    # Nothing of the case is shown before it is known who comes.
    assert "您的身份证件号码后六位" in page(asked) and "没有可以比对的登记信息" in page(asked)
    assert "南京示例食品" not in page(asked) and draft.number not in page(asked)
    assert asked["Referrer-Policy"] == "same-origin" and asked["X-Robots-Tag"] == "noindex"
    shown = client.post(at_link(link), who())
    for paragraph in text_to_sign(draft):
        assert paragraph in page(shown)
    signed = client.post(at_link(link), second(shown))
    assert "承诺书已签署" in page(signed)
    commitment = commitment_of(draft)
    assert commitment.document_id != before
    assert (commitment.way, commitment.signatory) == ("link", "陈示例")
    # Of the number only a keyed digest of its end is kept.
    assert commitment.signer_digest == tail_digest("01123X")
    letter = render_html(commitment.document)
    assert "签署方式：由法定代表人（负责人）凭一次性链接在网上签署" in letter
    assert "链接由申请人自行转交签署人；没有经过实名核验" in letter and "01123" not in letter
    # Nobody's account signed it, and the maker is told.
    event = Event.objects.filter(chain=draft.number, verb="repair.commitment_signed").latest("position")
    assert event.actor is None and event.payload["way"] == "link"
    told = Message.objects.get(recipient=alice, channel="inbox", about=draft.number)
    assert "陈示例已凭一次性链接签署" in told.body
    # Once.
    again = client.get(at_link(link))
    assert again.status_code == 410 and "这个链接已经用过，承诺书已于2026-11-20 12:00签署" in page(again)
    assert "陈示例" not in page(again)


def test_nothing_that_a_signatory_enters_is_kept_for_the_account_of_the_browser(draft, bob, client):
    """A handler may hand the own telephone over: neither what was typed there nor the key to the page is read later."""
    link = link_of(draft)
    client.force_login(bob)
    client.post(at_link(link), who())
    client.handler.enforce_csrf_checks = True
    assert client.post(at_link(link), who()).status_code == 403
    assert not TypedText.objects.exists()
    assert link.token not in json.dumps(list(Event.objects.values_list("payload", flat=True)))


def test_no_link_is_made_while_the_day_of_another_record_is_missing(
    draft, acme, market_bureau, alice, client
):
    other = make_record(acme, market_bureau, document_number="宁市监处罚〔2026〕99号")
    services.start_case(
        record=other,
        organ=market_bureau,
        applicant=alice,
        at=NOW,
        filing=RepairCase.objects.get(pk=draft.pk).filing,
    )
    client.force_login(alice)
    address = reverse("repairs:signing_link", args=[draft.number])
    answer = client.post(address, {"signatory": "陈示例", "delivery": "hand", "email": ""})
    assert "宁市监处罚〔2026〕99号的失信行为纠正日期" in page(answer)
    assert not SigningLink.objects.exists()


def test_a_link_goes_by_mail_to_the_signatory_alone(draft, alice, client):
    client.force_login(alice)
    form = {"signatory": "陈示例", "delivery": "email", "email": "chen@example.com"}
    made = client.post(reverse("repairs:signing_link", args=[draft.number]), form, follow=True)
    assert "邮件已交系统发往chen@example.com" in page(made) and "/sign/" not in page(made)
    mail = Message.objects.get(address_digest=address_digest("chen@example.com"))
    token = re.search(r"/sign/([\w-]+)/", mail.body)[1]
    link = find_link(token)
    assert link.token == "" and "2026年11月23日12:00" in mail.body
    sign_by_link(
        link=link, signer_digest="0" * 64, shown_sha256=link.text_sha256, publication_consent=True, at=NOW
    )
    assert "链接由系统发往申请人填写的邮箱c***@example.com" in render_html(commitment_of(draft).document)


def test_a_link_is_handed_over_as_address_and_picture(draft, alice, client):
    client.force_login(alice)
    form = {"signatory": "陈示例", "delivery": "hand", "email": "not used"}
    made = client.post(
        reverse("repairs:signing_link", args=[draft.number]), form | {"email": ""}, follow=True
    )
    link = SigningLink.objects.get()
    assert at_link(link) in page(made) and "<svg" in page(made)


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"email": ""}, "请填写签署人的邮箱，或者选择由您转交"),
        ({"email": "chen"}, "id_email"),
        ({"signatory": "别人"}, "签署人应为法定代表人“陈示例”"),
        ({"delivery": ""}, "怎样把链接交给签署人"),
    ],
)
def test_no_link_is_made_of_a_bad_form(draft, alice, client, changed, said):
    client.force_login(alice)
    form = {"signatory": "陈示例", "delivery": "email", "email": "chen@example.com"} | changed
    answer = client.post(reverse("repairs:signing_link", args=[draft.number]), form)
    assert said in page(answer) and "error-summary" in page(answer)
    assert not SigningLink.objects.exists()


def test_a_person_is_compared_with_the_register(draft_of_person, client):
    link = link_of(draft_of_person, name="周示安")
    assert "会与登记的信息比对" in page(client.get(at_link(link)))
    for wrong in ({"tail": "011234"}, {"name": "周示"}):
        answer = client.post(at_link(link), who(name="周示安") | wrong)
        assert STRANGER in page(answer) and "承诺书全文" not in page(answer).replace("查看承诺书全文", "")
    shown = client.post(at_link(link), who(name="周示安"))
    assert "本人提交的全部材料真实" in page(shown) and "我方" not in page(shown)
    assert client.post(at_link(link), second(shown, typed="周示安")).status_code == 200
    commitment = commitment_of(draft_of_person)
    letter = render_html(commitment.document)
    assert "由本人凭一次性链接在网上签署" in letter and "证件号码后六位与登记的号码相同" in letter
    assert "法定代表人" not in letter and "公章" not in letter


def test_the_pages_of_a_person_speak_of_persons(draft_of_person, client):
    client.force_login(draft_of_person.filing.applicant)
    for name in ("commitment", "signing_link", "signing_agent", "signing_paper"):
        main = page(client.get(reverse(f"repairs:{name}", args=[draft_of_person.number])))
        main = main.partition("<main")[2].partition("</main>")[0]
        assert "法定代表人" not in main and "公章" not in main, name
    with pytest.raises(services.NotReady, match="签署人应为本人“周示安”"):
        link_of(draft_of_person, name="吕代办")


def test_guessing_is_refused_after_five_tries(draft_of_person, client):
    link = link_of(draft_of_person, name="周示安")
    for number in range(5):
        answer = client.post(at_link(link), who(name="周示安", tail=f"00000{number}"))
        assert answer.status_code == 200
    refused = client.post(at_link(link), who(name="周示安"))
    assert refused.status_code == 429 and int(refused["Retry-After"]) > 0
    # Nor from another address.
    assert client.post(at_link(link), who(name="周示安"), REMOTE_ADDR="192.0.2.9").status_code == 429


def test_links_cannot_be_tried_out(db, client):
    answers = [client.get(f"/sign/{'x' * 31}{number}/").status_code for number in range(7)]
    assert answers == [404] * 5 + [429] * 2


def changed(case, link):
    services.save_fulfilment(
        case=case,
        corrected_on=moment("2026-06-03 09:00").date(),
        fulfilled={},
        actor=case.filing.applicant,
        at=NOW,
    )


def submitted(case, link):
    steps.submit_case(case=RepairCase.objects.get(pk=case.pk), actor=case.filing.applicant, at=NOW)


def revoked(case, link):
    client = Client()
    client.force_login(case.filing.applicant)
    client.post(reverse("repairs:revoke_links", args=[case.number]))


def made_anew(case, link):
    link_of(case)


def signed_otherwise(case, link):
    services.sign_commitment(
        case=case, signatory="陈示例", publication_consent=True, actor=case.filing.applicant, at=NOW
    )


def handler_gone(case, link):
    Claim.objects.update(status="rejected")


def expired(case, link):
    SigningLink.objects.update(expires_at=NOW)


CLOSED = [
    (changed, "申请内容有修改"),
    (submitted, "现在不需要签署"),
    (revoked, "已经作废"),
    (made_anew, "已经作废"),
    (signed_otherwise, "已经作废"),
    (handler_gone, "现在不需要签署"),
    (expired, "已于2026年11月20日12:00过期"),
]


@pytest.mark.parametrize(("happens", "said"), CLOSED, ids=[each.__name__ for each, _ in CLOSED])
@pytest.mark.parametrize("when", ["before it is opened", "while it is read"])
def test_a_link_is_closed_and_says_why(draft, client, happens, said, when):
    link = link_of(draft)
    form = second(client.post(at_link(link), who())) if when == "while it is read" else None
    happens(draft, link)
    before = commitment_of(draft).document_id
    answer = client.post(at_link(link), form) if form else client.get(at_link(link))
    assert answer.status_code == 410 and said in page(answer)
    assert "南京示例食品" not in page(answer) and "陈示例" not in page(answer)
    assert commitment_of(draft).document_id == before


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"agreed": ""}, "请阅读全文，同意的请勾选"),
        ({"typed": "程示例"}, "签名与签署人的姓名不同"),
        ({"publication_consent": ""}, "是否同意向社会公开承诺书"),
        ({"confirmed": "forged"}, "距离上次填写已超过一小时"),
        ({"shown": "0" * 64}, "承诺书的文字已经和您看到的不同，没有签署"),
    ],
)
def test_what_is_wrong_on_the_second_page_signs_nothing(draft, client, wrong, said):
    link = link_of(draft)
    before = commitment_of(draft).document_id
    shown = client.post(at_link(link), who())
    assert said in page(client.post(at_link(link), second(shown, **wrong)))
    assert commitment_of(draft).document_id == before


def test_who_was_asked_at_one_link_was_not_asked_at_another(draft, draft_of_person, client):
    shown = client.post(at_link(link_of(draft)), who())
    other = link_of(draft_of_person, name="周示安")
    form = second(shown, typed="周示安", shown=other.text_sha256)
    assert "请重新填写" in page(client.post(at_link(other), form))
    assert commitment_of(draft_of_person) is None


def test_two_who_press_at_once_sign_once(draft, client):
    link = link_of(draft)
    form = second(client.post(at_link(link), who()))
    assert client.post(at_link(link), form).status_code == 200
    first = commitment_of(draft).document_id
    stale = SigningLink.objects.get(pk=link.pk)
    with pytest.raises(services.NotReady, match="已经失效"):
        sign_by_link(
            link=stale,
            signer_digest="",
            shown_sha256=link.text_sha256,
            publication_consent=False,
            at=NOW + timedelta(minutes=1),
        )
    assert commitment_of(draft).document_id == first


def test_only_who_acts_for_the_subject_makes_and_revokes_links(draft, client, charlie, wang):
    link = link_of(draft)
    for stranger in (charlie, wang):
        client.force_login(stranger)
        assert client.post(reverse("repairs:revoke_links", args=[draft.number])).status_code == 404
    assert client.get(reverse("repairs:revoke_links", args=[draft.number])).status_code == 405
    link.refresh_from_db()
    assert link.revoked_at is None


DAYS = st.lists(st.integers(min_value=1, max_value=28), max_size=3)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(before=DAYS, between=DAYS, after=DAYS)
def test_a_link_never_signs_another_text_than_was_shown(draft, before, between, after):
    """However the application is changed before the link is made, before it is opened, and while it is read."""
    cache.clear()

    def change(days):
        for day in days:
            services.save_fulfilment(
                case=draft,
                corrected_on=moment(f"2026-06-{day:02d} 09:00").date(),
                fulfilled={},
                actor=draft.filing.applicant,
                at=NOW,
            )
            draft.refresh_from_db()

    client = Client()
    change(before)
    link = link_of(draft)
    made_for = text_digest(text_to_sign(draft))
    change(between)
    opened = client.post(at_link(link), who())
    if opened.status_code == 410:
        assert text_digest(text_to_sign(draft)) != made_for
        return
    shown = hidden(opened, "shown")
    assert all(paragraph in page(opened) for paragraph in text_to_sign(draft)) and shown == made_for
    change(after)
    answer = client.post(at_link(link), second(opened))
    stood = text_digest(text_to_sign(draft)) == shown
    assert (answer.status_code == 200) == stood
    link.refresh_from_db()
    assert bool(link.used_at) == stood
    if stood:
        assert commitment_of(draft).text_sha256 == shown
