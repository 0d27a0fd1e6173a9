"""What no browser sends and no database stores is answered with a page, at every address."""

from __future__ import annotations

import io
from collections.abc import Iterator

import pytest
from django.contrib.sessions.models import Session
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from tests.isolation.visiting import refusals_drawn_once
from tests.repairs.steps import prepared, refused

pytestmark = pytest.mark.django_db

NUL_COOKIE = 'sessionid="' + r"\000" * 32 + '"'
CASES = "/admin/repairs/repaircase/"


def patterns(resolver=None, before: str = "") -> list[tuple[str, list[str]]]:
    """Every address of the site as a template for ``%``, with the names of its whole-number parts."""
    found: list[tuple[str, list[str]]] = []
    for each in (resolver or get_resolver()).url_patterns:
        route = before + str(getattr(each.pattern, "_route", "")).removeprefix("/")
        if isinstance(each, URLResolver):
            found += patterns(each, route)
        elif isinstance(each, URLPattern) and hasattr(each.pattern, "_route"):
            names = list(each.pattern.converters)
            found.append((route, names))
    return found


def filled(route: str, value: str) -> str:
    """An address with the same value for each id of a row in it, and something harmless elsewhere."""
    parts = []
    for part in route.split("/"):
        if part.startswith("<int:") or part in ("<path:object_id>", "<path:content_type_id>"):
            parts.append(value)
        elif part.startswith("<uuid:"):
            parts.append("00000000-0000-4000-8000-000000000000")
        else:
            parts.append("x" if part.startswith("<") else part)
    return "/" + "/".join(parts)


def with_ids() -> list[str]:
    return sorted({route for route, _ in patterns() if "<int:" in route or "<path:" in route})


def test_the_addresses_were_found():
    assert len(with_ids()) > 60


@pytest.mark.parametrize("value", ["9" * 30, "9" * 5000], ids=["30 digits", "5000 digits"])
def test_an_id_that_no_row_can_have_is_not_found(client, alice, zhao, sun, qian, value):
    for person in (alice, zhao, sun, qian):
        client.force_login(person)
        with refusals_drawn_once():
            for route in with_ids():
                for method in (client.get, client.post):
                    response = method(filled(route, value))
                    assert response.status_code in (302, 403, 404, 405), (person.email, route, method)


@pytest.mark.parametrize(
    "query",
    ["q=%00", "%00=1", "q=a%00b&page=%00", "q=%ff", "q=%C4%CF%BE%A9", "q=%ED%A0%80", "q=%80", "s=%00"],
)
def test_an_address_with_what_is_no_text_gets_a_page_that_says_so(client, wang, query):
    for page in ("/", "/search/", "/track/", "/v/", "/check/", "/deadlines/", CASES, "/nowhere/"):
        for signed_in in (False, True):
            if signed_in:
                client.force_login(wang)
            response = client.get(f"{page}?{query}")
            assert response.status_code == 400
            assert "请求无法识别" in response.content.decode()


@pytest.mark.parametrize("path", ["/v/%00/", "/track/%00/", f"{CASES}%00/change/", "/%00", "/check/%00/"])
def test_a_path_with_a_nul_gets_the_same_page(client, wang, path):
    client.force_login(wang)
    response = client.get(path)
    assert response.status_code == 400
    assert "请求无法识别" in response.content.decode()


@pytest.mark.parametrize("path", ["/v/%ED%A0%80/", "/check/%ff/", f"{CASES}%ff/change/", "/%80"])
def test_a_path_that_is_no_utf8_is_no_page(client, wang, path):
    client.force_login(wang)
    assert client.get(path).status_code == 404


def test_an_address_in_chinese_is_an_address(client):
    assert client.get("/search/", {"q": "南京示例😀"}).status_code == 200
    assert client.get("/search/?q=%2500").status_code == 200


@pytest.mark.parametrize("charset", ["utf-7", "unicode_escape", "hex", "gb18030", "utf-16"])
def test_a_form_in_another_encoding_is_not_read(client, charset):
    for kind in ("application/x-www-form-urlencoded", "multipart/form-data; boundary=x"):
        response = client.generic("POST", "/track/", b"number=+2AA-", f"{kind}; charset={charset}")
        assert response.status_code == 400
        assert "请求无法识别" in response.content.decode()
    for charset in ("utf-8", "UTF-8", "no-such-thing"):
        kind = f"application/x-www-form-urlencoded; charset={charset}"
        assert client.generic("POST", "/track/", b"number=1", kind).status_code == 200


def test_a_broken_cookie_locks_nobody_out(alice):
    client = Client()
    for page in ("/", "/desk/", "/accounts/login/", "/track/", "/admin/"):
        response = client.get(page, headers={"cookie": NUL_COOKIE})
        assert response.status_code in (200, 302), page
    assert not Session.objects.filter(session_key__startswith="\\").exists()


def test_a_form_with_a_nul_keeps_its_page(client, alice, general_record, market_bureau):
    case = prepared(general_record, market_bureau, alice)
    client.force_login(alice)
    response = client.post(f"/a/{case.number}/contact/", {"name": "陈\0经办", "phone": "025-12345678"})
    assert response.status_code == 200
    page = response.content.decode()
    assert "is-invalid" in page and "025-12345678" in page
    case.refresh_from_db()
    assert case.filing.contact_name == "陈经办"


@pytest.mark.parametrize("version", ["9" * 5000, "9" * 30, "-1", "１", "1.0", "\0", "x", ""])
def test_a_version_that_no_page_showed_counts_as_an_old_page(
    client, alice, wang, general_record, market_bureau, version
):
    case = prepared(general_record, market_bureau, alice)
    client.force_login(alice)
    response = client.post(f"/a/{case.number}/submit/", {"version": version}, follow=True)
    assert response.status_code == 200
    case.refresh_from_db()
    assert case.status == "draft"


@pytest.mark.parametrize("chosen", ["9" * 5000, "9" * 30, "-1", "１", "\0", "x", ""])
def test_a_file_that_is_not_there_cannot_be_taken_back(
    client, general_record, market_bureau, alice, wang, li, zhao, chosen
):
    case = refused(general_record, market_bureau, alice, wang, li, zhao)
    client.force_login(alice)
    response = client.post(f"/objections/{case.number}/", {"remove": chosen, "grounds": "金额相符"})
    assert response.status_code == 200
    page = response.content.decode()
    assert "这个文件已经删除" in page and "金额相符" in page


def test_too_much_at_once_is_answered_with_what_to_do(client):
    many = {f"f{number}": SimpleUploadedFile("a.pdf", b"a") for number in range(21)}
    typed, form = b"number=" + b"x" * 3_000_000, "application/x-www-form-urlencoded"
    for answer, remedy in (
        (client.post("/track/", {"number": "x" * 3_000_000}), "缩短后重新提交"),
        (client.post("/track/", typed, content_type=form), "缩短后重新提交"),
        (client.post("/track/", {f"n{number}": "1" for number in range(1001)}), "分几次提交"),
        (client.post("/track/", many), "分几次提交"),
    ):
        assert answer.status_code == 413
        assert remedy in answer.content.decode()


def test_a_page_left_open_too_long_says_so(alice):
    client = Client(enforce_csrf_checks=True)
    client.force_login(alice)
    response = client.post("/track/", {"number": "1"})
    assert response.status_code == 403
    page = response.content.decode()
    assert "这次提交没有办理" in page and "刷新后重新提交" in page


def test_a_broken_upload_is_a_bad_request(client):
    body = io.BytesIO(b"--x\r\nbroken")
    response = client.post("/track/", body.read(), content_type="multipart/form-data")
    assert response.status_code == 400
    assert "请求无法识别" in response.content.decode()


STRANGE = (
    *(
        "",
        " ",
        "x",
        "-1",
        "0",
        "9" * 30,
        "9" * 5000,
        "１２",
        "1e308",
        "NaN",
        "inf",
        "True",
        "[]",
        "'",
        '"',
        "\\",
        "%",
    ),
    *(
        "0001-01-01",
        "9999-12-31",
        "2026-02-30",
        "1900-01-01",
        "2035-12-31",
        "\n",
        "\u202e",
        "\ufffe",
        "\U0010ffff",
    ),
    *("^(a+)+$", "__class__", "{{ 1 }}", "😀" * 200, "a " * 1000),
)
# The lists and forms that are no list of a model: who opens each, and the parameters that it reads.
ASKED = {
    "/search/": ("alice", "q", "unit"),
    "/deadlines/": ("alice", "start", "days", "region"),
    "/v/": (
        "alice",
        "code",
        "sha256",
    ),
    "/check/": ("alice", "s", "answered", "kind", "severity"),
    "/check/result/": ("alice", "s", "lang"),
    "/records/": ("alice", "page", "o", "password__regex"),
    "/messages/": (
        "alice",
        "page",
    ),
    "/reports/": ("alice", "page", "o"),
    "/subjects/claim/": (
        "alice",
        "kind",
    ),
    "/oversight/clocks/open/": ("sun", "kind", "organ", "page", "organ__name__regex"),
    "/oversight/refusals/": ("sun", "reason", "page"),
    "/oversight/objections/": ("sun", "outcome", "page"),
    "/oversight/corrections/": (
        "sun",
        "page",
    ),
    "/oversight/deliveries/dead/": (
        "sun",
        "page",
    ),
    "/admin/reports/creditreport/new/": (
        "qian",
        "term",
    ),
    "/admin/reports/creditreport/new/1/": ("qian", "variant", "purpose"),
    "/admin/policies/implementingrules/new/text/": (
        "zhao",
        "from",
    ),
}
FORMS = {
    "/track/": ("zhao", "number", "code"),
    "/accounts/login/": ("zhao", "login", "password", "next"),
    "/accounts/resend-verification/": (
        "zhao",
        "email",
    ),
    "/oversight/policies/try/": ("sun", "shipped", "text", "since"),
    "/admin/calendars/localclosure/add/": ("sun", "region", "first_on", "last_on", "name", "document_number"),
    "/admin/calendars/calendarnotice/add/": ("sun", "year", "text"),
    "/admin/policies/implementingrules/new/": (
        "zhao",
        *("title", "document_number", "effective_from", "effective_to", "domains", "article"),
        *("minimum_general", "decision_days", "age_training_completed", "kept"),
    ),
    "/admin/policies/implementingrules/new/text/": ("zhao", "text", "kept"),
    "/admin/records/importbatch/import/": (
        "wang",
        "organ",
    ),
    "/admin/records/importbatch/import/confirm/": (
        "wang",
        "token",
    ),
}


def filled_in(
    names: tuple[str, ...], usual: dict[str, str], values: tuple[str, ...]
) -> Iterator[dict[str, str]]:
    """Each value in each field, the others as usual."""
    for name in names:
        for value in values:
            yield {each: usual[each] for each in names if each in usual} | {name: value}


@pytest.mark.parametrize("page", ASKED)
def test_a_list_reads_its_own_parameters_and_takes_any_value(client, request, page):
    who, *names = ASKED[page]
    client.force_login(request.getfixturevalue(who))
    usual = {"start": "2026-11-20", "days": "3", "variant": "repair", "purpose": "申请信用修复"}
    for asked in filled_in(tuple(names), usual, STRANGE):
        assert client.get(page, asked).status_code < 500, asked


@pytest.mark.parametrize("page", FORMS)
def test_a_form_takes_any_value(client, request, page):
    who, *names = FORMS[page]
    client.force_login(request.getfixturevalue(who))
    usual = {"region": "320100", "first_on": "2027-03-01", "last_on": "2027-03-02", "name": "停工"}
    for asked in filled_in(tuple(names), usual, (*STRANGE, "\0", "a\0b")):
        assert client.post(page, asked).status_code < 500, asked
