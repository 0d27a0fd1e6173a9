"""In which language a page is, how its reader changes that, and what stays Chinese."""

import pytest
from django.urls import reverse
from django.utils import translation

from credit_repair.language import mark_chinese
from tests.pages import text

pytestmark = pytest.mark.django_db

ENGLISH = {"Accept-Language": "en-GB,en;q=0.9"}
TITLE = "Apply for credit repair"


def test_a_page_is_chinese_unless_somebody_asks_for_english(client):
    page = text(client.get("/"))
    assert '<html lang="zh-CN">' in page and "申请信用修复" in page and TITLE not in page
    for language in ("zh-CN", "fr", "xx,,;", ""):
        assert TITLE not in text(client.get("/", headers={"Accept-Language": language}))
    english = client.get("/", headers=ENGLISH)
    assert '<html lang="en">' in text(english) and TITLE in text(english)
    assert english["Content-Language"] == "en"
    assert {"Cookie", "Accept-Language"} <= {each.strip() for each in english["Vary"].split(",")}


def test_the_switch_keeps_the_page_and_its_query(client):
    page = text(client.get("/deadlines/?start=2026-11-20&days=7"))
    switch = reverse("language", args=["en"]) + "?next=%2Fdeadlines%2F%3Fstart%3D2026-11-20%26days%3D7"
    assert f'href="{switch}" hreflang="en" lang="en"' in page
    answer = client.get(switch)
    assert answer.status_code == 302 and answer["Location"] == "/deadlines/?start=2026-11-20&days=7"
    cookie = answer.cookies["django_language"]
    assert (cookie.value, cookie["samesite"], cookie["httponly"], cookie["path"]) == ("en", "Lax", True, "/")
    english = text(client.get(answer["Location"]))
    assert "Deadline calculator" in english and "/language/zh-hans/?next=" in english
    # What was chosen goes before what the browser asks for.
    client.get("/language/zh-hans/")
    assert TITLE not in text(client.get("/", headers=ENGLISH))


def test_the_cookie_is_for_https_alone_where_the_site_is(client, settings):
    settings.LANGUAGE_COOKIE_SECURE = True
    assert client.get("/language/en/").cookies["django_language"]["secure"]


@pytest.mark.parametrize(
    "elsewhere", ["https://evil.example/", "//evil.example", "evil", "/\\evil.example", ""]
)
def test_the_switch_leads_to_no_other_site(client, elsewhere):
    answer = client.get("/language/en/", {"next": elsewhere})
    assert (answer.status_code, answer["Location"]) == (302, "/")


def test_the_switch_takes_known_languages_and_no_forms(client):
    assert client.get("/language/fr/").status_code == 404
    assert client.post("/language/en/").status_code == 405


def test_officers_pages_are_chinese_whatever_is_asked_for(client, wang):
    client.get("/language/en/")
    client.force_login(wang)
    for address, words in (("/admin/", "工作台"), ("/admin/repairs/repaircase/", "信用修复申请")):
        answer = client.get(address, headers=ENGLISH, follow=True)
        assert answer.status_code == 200 and answer.request["PATH_INFO"] == address
        assert "/language/" not in text(answer) and answer["Content-Language"] == "zh-hans"
        assert words in text(answer)


def test_the_thread_keeps_no_language(client):
    client.get("/", headers=ENGLISH)
    assert translation.get_language() == "zh-hans"


def test_pages_of_errors_are_in_the_readers_language_too(client):
    assert "There is no such page" in text(client.get("/nowhere/", headers=ENGLISH))
    assert "could not be understood" in text(client.get("/?q=%ff", headers=ENGLISH))
    assert "This address cannot be opened like this" in text(client.post("/language/en/", headers=ENGLISH))


def test_errors_of_forms_are_english_as_djangos_and_allauths_are(client):
    page = text(client.post(reverse("account_login"), {"login": "x", "password": ""}, headers=ENGLISH))
    assert "Error: " in page and "请" not in page
    page = text(client.get("/deadlines/?start=2026-02-30&days=0", headers=ENGLISH))
    assert "Enter a day that exists" in page and "At least 1 working day" in page


def test_names_say_that_they_are_chinese():
    page = '<html lang="en"><title>甲</title><p title="乙">Body: 南京（丙） ok</p><option>丁</option><textarea>戊</textarea>'
    assert mark_chinese(page) == (
        '<html lang="en"><title>甲</title><p title="乙">Body: <span lang="zh-CN">南京（丙）</span> ok</p>'
        "<option>丁</option><textarea>戊</textarea>"
    )


@pytest.mark.parametrize(
    "words", ["宁市监处罚〔2026〕15号", "\u3400某", "\U00020bb7某", "\uf9b4某", "\U00030edd"]
)
def test_numbers_inside_and_rare_characters_are_of_the_chinese_words(words):
    assert mark_chinese(f"<p>No. 3: {words} of 4</p>") == (
        f'<p>No. 3: <span lang="zh-CN">{words}</span> of 4</p>'
    )
