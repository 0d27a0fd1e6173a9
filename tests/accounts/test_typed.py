"""Nothing that somebody typed is lost: it is offered again to that person, on the page of its form, and to nobody else."""

import re
from datetime import timedelta

import pytest
from django import forms
from django.test import Client
from django.urls import get_resolver, reverse
from django.utils import timezone

from applications.accounts import typed
from applications.accounts.models import Role, TypedText
from applications.accounts.retention import erase_what_is_due
from applications.repairs.models import RepairCase
from tests.fixtures import PASSWORD, TODAY, make_user
from tests.pages import seen, text
from tests.repairs.steps import accepted, prepared, submitted

pytestmark = pytest.mark.django_db
WORDS = "请补交加盖公章的缴款凭证"


class Browser:
    """Keeps cookies, sends the token of the page that a form is on, and says where the form was."""

    def __init__(self):
        self.client = Client(enforce_csrf_checks=True)

    def token(self, address: str) -> str:
        return re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', text(self.client.get(address)))[1]

    def sign_in(self, person):
        page = "/accounts/login/"
        data = {"login": person.email, "password": PASSWORD, "csrfmiddlewaretoken": self.token(page)}
        assert self.client.post(page, data).status_code == 302

    def sign_out(self):
        page = "/accounts/logout/"
        assert self.client.post(page, {"csrfmiddlewaretoken": self.token(page)}).status_code == 302

    def end_session(self):
        self.client.cookies.pop("sessionid")

    def post(self, address: str, data: dict, token: str, page: str = ""):
        headers = {"Referer": f"http://testserver{page or address}"}
        return self.client.post(address, data | {"csrfmiddlewaretoken": token}, headers=headers)

    def offered(self, address: str) -> bool:
        return WORDS in text(self.client.get(address)).partition('class="typed-again"')[2]


@pytest.fixture
def browser():
    return Browser()


@pytest.fixture
def liu(market_bureau):
    return make_user("liu@example.com", "刘受理", market_bureau, Role.INTAKE)


@pytest.fixture
def case(general_record, market_bureau, alice) -> RepairCase:
    return submitted(general_record, market_bureau, alice)


def decline(case) -> str:
    return f"/admin/repairs/repaircase/{case.pk}/step/decline/"


def declining(case) -> dict:
    return {"version": case.version, "ground": "elsewhere", "reason": WORDS}


def test_a_session_that_ended(browser, case, wang):
    browser.sign_in(wang)
    token = browser.token(decline(case))
    browser.end_session()
    answer = browser.post(decline(case), declining(case), token)
    assert (answer.status_code, answer.url) == (302, f"/accounts/login/?next={decline(case)}")
    page = seen(browser.client.get(answer.url))
    assert "您的登录已经结束，这次提交没有办理。填写的内容已经保留7天" in page
    assert WORDS not in page
    browser.sign_in(wang)
    assert browser.offered(decline(case))
    case.refresh_from_db()
    assert case.status == "submitted"


def test_another_person_who_signs_in_after_that_is_offered_nothing(browser, case, wang, liu):
    browser.sign_in(wang)
    token = browser.token(decline(case))
    browser.end_session()
    browser.post(decline(case), declining(case), token)
    browser.sign_in(liu)
    assert not browser.offered(decline(case))
    kept = TypedText.objects.get()
    answer = browser.post(f"/accounts/typed/{kept.pk}/discard/", {}, browser.token("/messages/"))
    assert answer.status_code == 404 and TypedText.objects.count() == 1


def test_a_form_from_before_another_person_signed_in_here_is_the_first_persons(browser, case, wang, liu):
    """The second tab: its form was made for wang, and the browser is the other's meanwhile."""
    browser.sign_in(wang)
    token = browser.token(decline(case))
    browser.sign_out()
    browser.sign_in(liu)
    answer = browser.post(decline(case), declining(case), token)
    assert answer.status_code == 403
    assert "已经为当时登录的账号保留" in seen(answer) and WORDS not in text(answer)
    assert not browser.offered(decline(case))
    assert TypedText.objects.get().writer == wang


def test_a_form_from_before_the_same_person_signed_in_anew(browser, case, wang):
    browser.sign_in(wang)
    token = browser.token(decline(case))
    browser.sign_out()
    browser.sign_in(wang)
    answer = browser.post(decline(case), declining(case), token)
    assert answer.status_code == 403
    assert "您填写的内容已经保留7天" in seen(answer)
    assert f'href="{decline(case)}"' in text(answer) and "回到刚才的页面" in text(answer)
    assert browser.offered(decline(case))


def test_a_form_with_a_token_of_nobody_is_kept_for_nobody(browser, case, wang):
    browser.sign_in(wang)
    assert browser.post(decline(case), declining(case), "x" * 64).status_code == 403
    assert not TypedText.objects.exists()


def test_a_case_that_has_moved_on_where_the_person_is_led(client, general_record, market_bureau, alice, wang):
    case = accepted(general_record, market_bureau, alice, wang)
    client.force_login(wang)
    answer = client.post(decline(case), declining(case))
    assert answer.status_code == 302
    page = text(client.get(answer.url)).partition('class="typed-again"')[2]
    assert WORDS in page


def test_a_stale_page_and_then_the_form_that_is_taken(client, case, wang):
    client.force_login(wang)
    stale = client.post(decline(case), declining(case) | {"version": case.version - 1})
    # In the form itself, so it is not offered a second time there.
    assert stale.status_code == 409 and WORDS in text(stale) and "typed-again" not in text(stale)
    assert "typed-again" in text(client.get(decline(case)))
    assert client.post(decline(case), declining(case)).status_code == 302
    assert not TypedText.objects.exists()


def test_of_an_applicant_too(client, general_record, market_bureau, alice):
    case = prepared(general_record, market_bureau, alice)
    page = f"/a/{case.number}/contact/"
    client.force_login(alice)
    assert client.post(page, {"name": WORDS, "phone": ""}).status_code == 200
    again = text(client.get(page)).partition('class="typed-again"')[2]
    assert WORDS in again
    assert client.post(page, {"name": "陈经办", "phone": "13900000000"}).status_code == 302
    assert "typed-again" not in text(client.get(page)) and not TypedText.objects.exists()


def test_discarding_it(client, general_record, market_bureau, alice):
    case = prepared(general_record, market_bureau, alice)
    page = f"/a/{case.number}/contact/"
    client.force_login(alice)
    client.post(page, {"name": WORDS, "phone": ""})
    kept = TypedText.objects.get()
    answer = client.post(
        f"/accounts/typed/{kept.pk}/discard/", headers={"Referer": f"http://testserver{page}"}
    )
    assert (answer.status_code, answer.url) == (302, page)
    assert "typed-again" not in text(client.get(page)) and not TypedText.objects.exists()


def forms_of(module_root: type[forms.BaseForm]) -> set[type[forms.BaseForm]]:
    found = set()
    for each in module_root.__subclasses__():
        found |= {each} | forms_of(each)
    return found


def test_no_field_for_a_secret_is_kept(client):
    # All views, and so all forms, are loaded with the addresses.
    assert get_resolver().url_patterns
    names = {
        name
        for form in forms_of(forms.BaseForm)
        if form.__module__.startswith("applications.")
        for name, field in getattr(form, "base_fields", {}).items()
        if isinstance(field.widget, forms.PasswordInput)
    }
    assert "key" in names
    assert not [name for name in names if not typed._SECRET.search(name)]


def test_what_only_looks_is_not_kept(client, case, wang, credit_bureau):
    """A letter that is looked at before it is signed, and a search that is posted to keep a number out of the address."""
    client.force_login(wang)
    client.post(decline(case), declining(case) | {"letter": ""})
    client.force_login(make_user("he@example.com", "何报告", credit_bureau, Role.REPORT_OFFICER))
    assert client.post(reverse("admin:reports_choose"), {"term": "110101199003070011"}).status_code == 200
    assert not TypedText.objects.exists()


def test_the_person_whose_form_it_was_not_is_not_told_that_it_is_kept_for_her(browser, case, wang, liu):
    keep_for(liu)
    browser.sign_in(wang)
    token = browser.token(decline(case))
    browser.sign_out()
    browser.sign_in(liu)
    answer = browser.post(decline(case), declining(case), token)
    assert "已经为当时登录的账号保留" in seen(answer)


def test_it_is_offered_whichever_queue_one_comes_from(browser, case, wang):
    browser.sign_in(wang)
    token = browser.token(decline(case) + "?queue=mine")
    browser.end_session()
    browser.post(decline(case) + "?queue=mine", declining(case), token)
    browser.sign_in(wang)
    assert browser.offered(decline(case) + "?queue=all")


def keep_for(person) -> None:
    TypedText.objects.create(writer=person, action="/x/", pages=["/x/"], content="", kept_at=timezone.now())


def test_what_is_never_kept(browser, general_record, market_bureau, alice):
    """Passwords and tokens; and what is kept cannot be read in the database."""
    case = prepared(general_record, market_bureau, alice)
    browser.sign_in(alice)
    page = f"/a/{case.number}/commitment/"
    browser.post(page, {"password": "not the password", "signer": WORDS}, browser.token(page))
    kept = TypedText.objects.get()
    assert WORDS not in kept.content
    content = typed.decrypt(kept.content.encode()).decode()
    assert WORDS in content and "password" not in content and "csrf" not in content


def test_sign_in_and_codes_are_not_kept(browser, alice):
    browser.sign_in(alice)
    for page, data in (
        ("/accounts/password/change/", {"oldpassword": "错 的"}),
        ("/track/", {"code": "错 的"}),
    ):
        browser.post(page, data, browser.token(page))
    assert not TypedText.objects.exists()


def test_a_button_without_words_keeps_nothing(client, general_record, market_bureau, alice, wang):
    case = accepted(general_record, market_bureau, alice, wang)
    client.force_login(wang)
    client.post(f"/admin/repairs/repaircase/{case.pk}/step/accept/", {"version": case.version})
    assert not TypedText.objects.exists()


def test_no_more_than_so_many_of_one_person_and_none_that_is_too_long(
    client, general_record, market_bureau, alice
):
    case = prepared(general_record, market_bureau, alice)
    client.force_login(alice)
    page = f"/a/{case.number}/contact/"
    for n in range(typed.MOST + 3):
        client.post(f"{page}?n={n}", {"name": WORDS, "phone": ""})
    assert TypedText.objects.count() == typed.MOST
    assert not TypedText.objects.filter(action=f"{page}?n=0")
    TypedText.objects.all().delete()
    client.post(page, {"name": "很" * typed.MOST_BYTES, "phone": ""})
    assert not TypedText.objects.exists()


def test_it_ends_after_some_days(client, general_record, market_bureau, alice):
    case = prepared(general_record, market_bureau, alice)
    client.force_login(alice)
    client.post(f"/a/{case.number}/contact/", {"name": WORDS, "phone": ""})
    TypedText.objects.update(kept_at=TODAY - typed.KEPT_FOR)
    assert erase_what_is_due(at=TODAY)["typed_text"] == 0
    TypedText.objects.update(kept_at=TODAY - typed.KEPT_FOR - timedelta(seconds=1))
    assert erase_what_is_due(at=TODAY)["typed_text"] == 1
