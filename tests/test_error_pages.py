"""Whatever is refused has a page of ours, in the portal's look, in Chinese, with a way back."""

import re

import pytest
from django.test import Client, override_settings
from django.urls import path

from applications.files.storage import StorageFull
from tests.pages import seen, text
from tests.repairs.steps import submitted

pytestmark = pytest.mark.django_db


def broken(request):
    raise RuntimeError("broken")


def full(request):
    raise StorageFull


def is_ours(response, status: int, heading: str) -> bool:
    page = text(response)
    return (
        response.status_code == status
        and f"<h1>{heading}" in page
        and "江苏信用修复" in page
        and "css/theme.css" in page
        and 'name="viewport"' in page
        and bool(re.search(r'<p class="actions">.*?<a [^>]*href="/', page, re.S))
        and not re.search(r"Forbidden|Not Found|Server Error|Bad Request", page)
    )


@pytest.fixture(params=["nobody", "alice", "wang"])
def visitor(request, client):
    if request.param != "nobody":
        client.force_login(request.getfixturevalue(request.param))
    return client


def test_no_such_page(visitor):
    assert is_ours(visitor.get("/nowhere/"), 404, "没有这个页面")


def test_a_way_of_asking_that_the_page_has_not(visitor):
    answer = visitor.post("/livez/")
    assert is_ours(answer, 405, "不能这样打开这个网址")
    assert answer["Allow"] == "GET, HEAD"


def test_what_cannot_be_read(visitor):
    assert is_ours(visitor.get("/search/?q=%00"), 400, "请求无法识别")


def test_what_is_too_large(visitor):
    assert is_ours(visitor.post("/search/", {"q": "很" * 600_000}), 413, "提交的内容过大")


def test_a_form_of_an_old_page():
    assert is_ours(Client(enforce_csrf_checks=True).post("/search/", {"q": "某公司"}), 403, "页面已过期")


def test_a_page_of_others(client, wang):
    client.force_login(wang)
    assert is_ours(client.get("/admin/ledger/event/"), 403, "您没有查看这个页面的权限")
    assert is_ours(client.get("/desk/x/"), 404, "没有这个页面")


def test_too_many_tries(client):
    for _ in range(31):
        answer = client.post("/accounts/login/", {"login": "nobody@example.com", "password": "wrong"})
    assert is_ours(answer, 429, "操作太频繁")


@pytest.mark.parametrize(
    ("view", "status", "heading"), [(broken, 500, "系统暂时不可用"), (full, 507, "系统的存储空间已满")]
)
def test_what_went_wrong_with_us(visitor, view, status, heading):
    import credit_repair.urls as urls

    class Urls:
        urlpatterns = [path("broken/", view), *urls.urlpatterns]
        handler500 = urls.handler500

    visitor.raise_request_exception = False
    with override_settings(ROOT_URLCONF=Urls):
        assert is_ours(visitor.get("/broken/"), status, heading)


def test_where_no_page_can_be_made_it_is_said_all_the_same(client, monkeypatch):
    def fails(*args, **kwargs):
        raise ValueError("Missing staticfiles manifest entry")

    monkeypatch.setattr("credit_repair.errors.render_to_string", fails)
    monkeypatch.setattr("django.shortcuts.loader.render_to_string", fails)
    client.raise_request_exception = False
    page = client.get("/track/")
    assert page.status_code == 500 and "系统暂时不可用" in text(page) and 'href="/"' in text(page)


def test_the_way_back_is_the_page_one_came_from(client, general_record, market_bureau, alice, charlie):
    case = submitted(general_record, market_bureau, alice)
    client.force_login(charlie)
    page = client.get(f"/a/{case.number}/", headers={"Referer": "http://testserver/records/"})
    assert 'href="/records/"' in text(page) and "回到刚才的页面" in seen(page)
    for elsewhere in (
        "http://evil.example.com/x",
        f"http://testserver/a/{case.number}/",
        "javascript:alert(1)",
    ):
        page = client.get(f"/a/{case.number}/", headers={"Referer": elsewhere})
        assert "回到刚才的页面" not in seen(page)
