"""The telephone of whoever came to the window: masked on the page where it is changed, until one says for what (ADR 0052)."""

import pytest
from django.urls import reverse

from applications.ledger.models import Event
from applications.repairs.services import save_contact
from applications.repairs.services.receptions import cases_of
from tests.fixtures import TODAY
from tests.repairs.receptions import received

pytestmark = pytest.mark.django_db
PHONE = "13912345678"


@pytest.fixture
def case(general_record, wang):
    (case,) = cases_of(received(general_record, wang))
    save_contact(case=case, name="陈经办", phone=PHONE, actor=wang, at=TODAY)
    return case


def page_of(case):
    return reverse("admin:repairs_reception_task", args=[case.filing.reception_id, case.pk, "contact"])


def reveal_of(case):
    return reverse("admin:repairs_reception_reveal", args=[case.filing.reception_id])


def kept(case):
    case.filing.refresh_from_db()
    return case.filing.contact_name, case.filing.contact_phone


def test_it_is_masked_and_stays_where_no_other_is_typed(client, case, wang):
    client.force_login(wang)
    page = client.get(page_of(case))
    text = page.content.decode()
    assert "139****5678" in text and PHONE not in text and reveal_of(case) in text
    seen = page.context["seen"]
    assert client.post(page_of(case), {"name": "陈改名", "phone": "", "seen": seen}).status_code == 302
    assert kept(case) == ("陈改名", PHONE)
    client.post(page_of(case), {"name": "陈改名", "phone": "025-1234567"})
    assert kept(case) == ("陈改名", "025-1234567")
    answer = client.post(page_of(case), {"name": "陈改名", "phone": "abc"})
    assert answer.status_code == 200 and "请输入7至20位的电话号码" in answer.content.decode()


def test_who_says_why_sees_it_and_whoever_it_is_about_is_told(client, case, wang):
    client.force_login(wang)
    answer = client.post(reveal_of(case), {"purpose": "call", "back": page_of(case)})
    assert answer.url == page_of(case)
    text = client.get(page_of(case)).content.decode()
    assert f'value="{PHONE}"' in text and reveal_of(case) not in text
    assert Event.objects.get(verb="contact.revealed").payload["about"] == case.number


def test_nobody_else_reveals_it(client, case, li, outsider):
    for person in (li, outsider):
        client.force_login(person)
        assert client.post(reveal_of(case), {"purpose": "call"}).status_code in (403, 404)
    assert not Event.objects.filter(verb="contact.revealed").exists()


def test_what_a_colleague_saved_meanwhile_is_told_masked(client, case, wang):
    client.force_login(wang)
    seen = client.get(page_of(case)).context["seen"]
    # Masked, both look alike.
    save_contact(case=case, name="陈经办", phone="13900005678", actor=wang, at=TODAY)
    answer = client.post(page_of(case), {"name": "陈经办", "phone": "13811112222", "seen": seen})
    text = answer.content.decode()
    assert "已另有保存" in text and "139****5678" in text and "13900005678" not in text
    assert kept(case) == ("陈经办", "13900005678")


def test_where_none_is_kept_one_is_asked_for(client, general_record, wang):
    (case,) = cases_of(received(general_record, wang))
    client.force_login(wang)
    assert reveal_of(case) not in client.get(page_of(case)).content.decode()
    answer = client.post(page_of(case), {"name": "陈经办", "phone": ""})
    assert answer.status_code == 200 and answer.context["form"].errors.keys() == {"phone"}


def test_the_page_that_asks_why_names_no_person_in_full(client, case, wang):
    subject = case.record.subject
    subject.kind, subject.name, subject.uscc = "natural_person", "周示安", None
    subject.identity_type, subject.identity_number = "resident_id", "11010519491231002X"
    subject.save()
    client.force_login(wang)
    text = client.get(reveal_of(case)).content.decode()
    assert "周*安" in text and "周示安" not in text
