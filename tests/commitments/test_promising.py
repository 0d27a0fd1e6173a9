"""A subject promises by its own will, and takes the publication back (Article 15)."""

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from applications.commitments.models import Commitment
from applications.commitments.promising import withdraw_publication
from applications.commitments.services import note_breach, publish_commitment
from applications.commitments.wording import own_text, text_digest
from applications.documents.services import render_document
from applications.ledger.models import Event
from applications.notifications.models import Message
from tests.commitments.conftest import MADE, make_person, promise
from tests.fixtures import PASSWORD, moment
from tests.pages import seen, text

pytestmark = pytest.mark.django_db
LATER = moment("2026-11-23 09:30")
MINOR = "320102201505050016"


def address(subject):
    return f"/commitments/own/{subject.pk}/promise/"


def answers(subject, bureau, **other):
    shown = text_digest(own_text(subject))
    return {"organ": bureau.pk, "publication_consent": "on", "password": PASSWORD, "shown": shown} | other


def test_from_the_page_of_ones_own_to_the_public_list(client, acme, alice, credit_bureau):
    client.force_login(alice)
    assert address(acme) in text(client.get("/commitments/own/"))
    page = seen(client.get(address(acme)))
    assert "积极整改" in page and "签署后立即公开" in page
    done = client.post(address(acme), answers(acme, credit_bureau), follow=True)
    assert "信用承诺已经签署，并已公示" in seen(done)
    made = Commitment.objects.get()
    assert (made.kind, made.organ, made.signatory, made.way) == (
        "proactive",
        credit_bureau,
        "陈示例",
        "account",
    )
    assert f'"/commitments/{made.pk}/"' in text(client.get("/commitments/"))
    assert client.get(f"/documents/{made.document_id}/").status_code in (200, 202)
    verbs = Event.objects.filter(chain=made.chain).values_list("verb", flat=True)
    assert list(verbs) == ["document.issued", "commitment.made"]


def test_its_paper_says_what_was_promised_and_of_no_record(promised):
    document = render_document(promised.document_id, at=LATER)
    assert document.pdf is not None and document.pdf.name.startswith("信用承诺书 ")
    assert promised.text == own_text(promised.subject) and promised.records.count() == 0


def test_the_page_of_verification_does_not_call_it_one_for_a_repair(client, promised):
    words = seen(client.get(f"/v/{promised.document.verification_code}/"))
    assert "信用承诺书" in words and "信用修复承诺书" not in words


def test_the_others_who_act_for_it_are_told_and_who_signed_is_not(promised, alice, bob, acme, credit_bureau):
    assert not Message.objects.filter(recipient=alice).exists()
    Commitment.objects.update(withdrawn_at=LATER)
    promise(acme, alice, credit_bureau, at=moment("2026-11-21 09:00"))
    told = Message.objects.get(recipient=bob, channel="inbox")
    assert told.subject == "南京示例食品有限公司的信用承诺已经公示"


@pytest.mark.parametrize(
    ("other", "said"),
    [
        ({"password": "wrong"}, "密码不正确"),
        ({"publication_consent": ""}, "公开承诺须同意公示"),
        ({"organ": ""}, "请选择受理承诺"),
        ({"organ": "999999"}, "错误"),
        ({"shown": "0" * 64}, "和您看到的不同"),
    ],
)
def test_what_is_missing_is_said_and_nothing_is_signed(client, acme, alice, credit_bureau, other, said):
    client.force_login(alice)
    page = client.post(address(acme), answers(acme, credit_bureau, **other))
    assert said in seen(page) and "<title>错误：" in text(page)
    assert not Commitment.objects.exists()


def test_a_unit_takes_no_such_promise(client, acme, alice, credit_bureau, market_bureau):
    client.force_login(alice)
    client.post(address(acme), answers(acme, market_bureau))
    assert not Commitment.objects.exists()


def test_it_is_promised_once_however_often_the_button_is_pressed(
    client, promised, acme, alice, credit_bureau
):
    client.force_login(alice)
    page = client.post(address(acme), answers(acme, credit_bureau))
    assert page.status_code == 409 and "没有重复作出" in seen(page)
    assert Commitment.objects.count() == 1
    withdraw_publication(commitment=promised, actor=alice, at=LATER)
    client.post(address(acme), answers(acme, credit_bureau))
    assert Commitment.objects.count() == 2


def test_only_the_account_of_who_signs_for_it_signs(client, acme, bob, credit_bureau):
    client.force_login(bob)
    assert "承诺应由陈示例用自己的账号签署" in seen(client.get(address(acme)))
    assert client.post(address(acme), answers(acme, credit_bureau)).status_code == 403
    with pytest.raises(PermissionDenied):
        promise(acme, bob, credit_bureau)
    assert not Commitment.objects.exists()


def test_where_nobody_is_registered_who_signs_nobody_does(client, acme, alice, credit_bureau):
    acme.legal_representative = ""
    acme.save()
    client.force_login(alice)
    assert "没有登记这个主体的法定代表人" in seen(client.get(address(acme)))
    assert client.post(address(acme), answers(acme, credit_bureau)).status_code == 403


def test_strangers_have_no_such_page(client, acme, charlie, promised):
    withdrawing = f"/commitments/own/{promised.pk}/withdraw/"
    for address_ in (address(acme), withdrawing, "/commitments/own/"):
        assert client.get(address_).status_code == 302
    client.force_login(charlie)
    for address_ in (address(acme), withdrawing):
        assert client.get(address_).status_code == 404
        assert client.post(address_).status_code == 404
    assert "南京示例" not in seen(client.get("/commitments/own/"))
    assert client.get(f"/documents/{promised.document_id}/").status_code == 404


def test_a_minors_is_never_public(client, credit_bureau, repaired):
    subject, user = make_person("童小小", MINOR, "tong@example.com")
    client.force_login(user)
    assert "未成年人的信用承诺不公示" in seen(client.get(address(subject)))
    assert "未成年人" in seen(client.post(address(subject), answers(subject, credit_bureau)))
    assert Commitment.objects.filter(subject=subject).count() == 0
    repaired.subject, repaired.published_at = subject, None
    repaired.save()
    publish_commitment(commitment=repaired, at=LATER)
    assert repaired.published_at is None


def test_the_age_counts_on_the_day(credit_bureau):
    subject, user = make_person("童小小", MINOR, "tong@example.com")
    with pytest.raises(ValidationError):
        promise(subject, user, credit_bureau, at=moment("2033-05-05 23:59"))
    assert promise(subject, user, credit_bureau, at=moment("2033-05-06 00:00")).is_public


def test_a_person_of_unknown_age_promises_nothing_in_public(adult, credit_bureau):
    subject, user = adult
    subject.identity_type, subject.identity_number = "passport", "E12345678"
    subject.save()
    with pytest.raises(ValidationError):
        promise(subject, user, credit_bureau)


# -- Taking it back


def withdraw(client, commitment):
    return client.post(f"/commitments/own/{commitment.pk}/withdraw/", follow=True)


def test_its_publication_is_taken_back_after_asking_once_more(client, promised, alice):
    client.force_login(alice)
    assert "撤回不能恢复" in seen(client.get(f"/commitments/own/{promised.pk}/withdraw/"))
    assert "已撤回公示" in seen(withdraw(client, promised))
    promised.refresh_from_db()
    assert promised.withdrawn_at is not None
    assert Event.objects.filter(chain=promised.chain, verb="commitment.withdrawn", actor=alice).exists()
    assert "没有公示，或者已经撤回" in seen(withdraw(client, promised))
    assert Event.objects.filter(verb="commitment.withdrawn").count() == 1


def test_an_organisation_does_not_take_back_on_what_its_repair_rests(client, repaired, alice):
    client.force_login(alice)
    page = client.get(f"/commitments/own/{repaired.pk}/withdraw/")
    assert page.status_code == 409 and "不能自行撤回公示" in seen(page)
    assert client.post(f"/commitments/own/{repaired.pk}/withdraw/").status_code == 403
    repaired.refresh_from_db()
    assert repaired.is_public


def test_nor_what_it_has_broken(client, promised, alice):
    note_breach(commitment=promised, at=LATER)
    client.force_login(alice)
    assert "已经认定违背承诺" in seen(client.get(f"/commitments/own/{promised.pk}/withdraw/"))
    assert client.post(f"/commitments/own/{promised.pk}/withdraw/").status_code == 403


def test_a_person_takes_consent_back_at_any_time(client, adult, repaired):
    subject, user = adult
    repaired.subject, repaired.broken_at = subject, LATER
    repaired.save()
    client.force_login(user)
    assert "已撤回公示" in seen(withdraw(client, repaired))


def test_a_colleague_takes_nothing_back(client, promised, bob):
    client.force_login(bob)
    assert client.post(f"/commitments/own/{promised.pk}/withdraw/").status_code == 403
    promised.refresh_from_db()
    assert promised.is_public and promised.published_at == MADE
