"""Sending several files over a bad connection, in a real browser with the portal's own answers."""

import contextvars
import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from tests.browsing import shown
from tests.files import sheets
from tests.repairs.steps import prepared, refused

pytestmark = [pytest.mark.browser, pytest.mark.django_db]


def test_a_lost_connection_is_said_and_no_file_is_lost_or_kept_twice(
    browser, client, alice, general_record, market_bureau, tmp_path
):
    draft = prepared(general_record, market_bureau, alice)
    client.force_login(alice)
    for name in ("一.jpg", "二.jpg"):
        (tmp_path / name).write_bytes(sheets.jpeg(sheets.printed((600, 800 + len(name)))) + name.encode())
    (tmp_path / "坏.pdf").write_bytes(b"%PDF-1.7 nothing")
    address = reverse("repairs:files", args=[draft.number, "other"])
    lose = [False, True, False, False]
    # The browser's answers come in a context of their own, which would have a database connection of its own.
    here = contextvars.copy_context()
    with shown(browser, address, {address: client.get(address)}) as seen:

        def answer(route):
            if route.request.method != "POST":
                return route.fallback()
            # The browser names the file to its driver and keeps the bytes.
            (name,) = re.findall(r'filename="([^"]+)"', route.request.post_data_buffer.decode())
            sent = SimpleUploadedFile(name, (tmp_path / name).read_bytes())
            said = here.run(client.post, address, {"uploads": sent}, follow=True)
            # Received, and the answer is lost on its way.
            if lose.pop(0):
                return route.abort("connectionreset")
            return route.fulfill(body=said.content, headers={"content-type": "text/html; charset=utf-8"})

        page = seen.page
        page.route(f"**{address}", answer)
        page.set_input_files("input[type=file]", [tmp_path / name for name in ("一.jpg", "二.jpg", "坏.pdf")])
        page.get_by_role("button", name="上传", exact=True).click()
        page.locator(".upload-line", has_text="3 个文件中收到 1 个").wait_for()
        again = page.get_by_role("button", name="再试一次")
        assert again.evaluate("one => one === document.activeElement")
        again.click()
        page.locator(".error-summary", has_text="坏.pdf").wait_for()
        assert page.locator("#uploaded", has_text="二.jpg").count() == 1
    names = draft.materials.filter(kind="other").order_by("pk").values_list("file__name", flat=True)
    assert list(names) == ["一.jpg", "二.jpg"]
    assert lose == []


def test_a_form_with_files_stays_as_it_was_filled_in_until_it_is_answered(
    browser, client, alice, wang, li, zhao, general_record, market_bureau, tmp_path
):
    case = refused(general_record, market_bureau, alice, wang, li, zhao)
    client.force_login(alice)
    (tmp_path / "收据.jpg").write_bytes(sheets.jpeg(sheets.printed((600, 800))))
    address = reverse("objections:file", args=[case.number])
    after = client.get(reverse("repairs:status", args=[case.number]))
    grounds = "罚款已于2026年6月2日缴清。"
    lose = [True, False]
    with shown(browser, address, {address: client.get(address)}) as seen:

        def answer(route):
            if route.request.method != "POST":
                return route.fallback()
            sent = route.request.post_data_buffer.decode(errors="replace")
            assert grounds in sent and 'filename="收据.jpg"' in sent and 'name="save"' in sent
            if lose.pop(0):
                return route.abort("connectionreset")
            return route.fulfill(body=after.content, headers={"content-type": "text/html; charset=utf-8"})

        page = seen.page
        page.route(f"**{address}", answer)
        page.get_by_label("事实和理由").fill(grounds)
        page.set_input_files("input[type=file]", tmp_path / "收据.jpg")
        page.get_by_role("button", name="提交异议", exact=True).click()
        page.locator(".upload-line", has_text="填写的内容和选好的文件都还在本页上").wait_for()
        assert page.get_by_label("事实和理由").input_value() == grounds
        assert page.evaluate("document.querySelector('input[type=file]').files[0].name") == "收据.jpg"
        page.get_by_role("button", name="再试一次").click()
        page.get_by_role("heading", name="办理进度").wait_for()
        assert page.locator("form#objection").count() == 0
    assert lose == []
    assert not [said for said in seen.complaints if "ERR_CONNECTION_RESET" not in said]
