"""The main job in a real browser, by the people whose job it is, on the served portal."""

from __future__ import annotations

import json
import re
import signal
import time
import urllib.request
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import ROOT

pytestmark = [pytest.mark.server, pytest.mark.browser]

PASSWORD = "xiufu-shili-2020"
CITY = "320100"


def paper(title: str) -> dict[str, object]:
    from demo_once import paper as make

    name, content, kind = make(title)
    return {"name": name, "mimeType": kind, "buffer": content}


def received(demo, number):
    with urllib.request.urlopen(
        f"{demo.sandboxes[CITY]}/v1/received?case_number={number}", timeout=5
    ) as answer:
        return json.load(answer)


@contextmanager
def nobody_sweeps(demo):
    """Beat sleeps meanwhile: what reaches the platform then was brought by the nudge, not by the sweep."""
    (beat,) = (child.process for child in demo.children if child.name == "beat")
    beat.send_signal(signal.SIGSTOP)
    try:
        yield
    finally:
        beat.send_signal(signal.SIGCONT)


@pytest.mark.parametrize("javascript", [True, False], ids=["with JavaScript", "without JavaScript"])
def test_a_company_is_repaired(demo, visit, javascript, tmp_path):
    """Import, file, accept, examine, grant, share, withdraw publicity, report: each as its person sees it."""
    import csv
    import os

    import demo_once

    os.chdir(ROOT)
    with Path("sample/organs.csv").open(encoding="utf-8-sig", newline="") as file:
        unit = next(row for row in csv.DictReader(file) if row["code"] == "nj-scjg")
    code = demo_once.make_code()
    document = f"宁市监罚〔2026〕测{int(time.time() * 10) % 1_000_000:06d}号"

    def person(email: str, width: int = 1280):
        return visit(width, javascript=javascript).log_in(email, PASSWORD)

    # Without JavaScript the company has a telephone.
    telephone = 1280 if javascript else 360

    # The unit imports its record file and sees first what it will do.
    intake = person("intake.nj-scjg@example.com")
    page = intake.open("/admin/records/importbatch/import/")
    page.locator("[name=file]").set_input_files(
        {"name": "信息.csv", "mimeType": "text/csv", "buffer": demo_once.record_file(code, document, unit)}
    )
    page.locator("#content form [type=submit], main form [type=submit]").last.click()
    page.locator("form:has([name=token]) [type=submit]").click()
    expect(page.locator("body")).to_contain_text("新增 1 条")

    # Anybody finds it under publicity.
    visitor = visit(telephone, javascript=javascript)
    expect(visitor.open(f"/search/?q={document}").locator("main")).to_contain_text(demo_once.COMPANY)

    # A newcomer claims the company; the credit bureau verifies the claim.
    company = person("newcomer@example.com", telephone)
    page = company.open("/subjects/claim/?kind=organisation")
    page.locator("[name=capacity][value=representative]").check()
    page.locator("[name=name]").fill(demo_once.COMPANY)
    page.locator("[name=code]").fill(code)
    page.locator("[name=proof]").set_input_files(paper("营业执照"))
    page.locator("main form:has([name=code]) [type=submit]").click()
    expect(page).to_have_url(re.compile(r"/subjects/$"))
    bureau = person("intake.nj-xyzx@example.com")
    page = bureau.open("/admin/subjects/claim/")
    page.locator("#result_list tr", has_text=demo_once.COMPANY).last.locator("a").first.click()
    # Only whoever has opened the proof can confirm it.
    expect(page.locator("a[href$='/approve/']")).to_have_count(0)
    proof = page.locator("a[href*='/subjects/proofs/']").evaluate("link => link.href")
    assert page.request.get(proof).headers["content-type"] == "application/pdf"
    page.reload()
    page.locator("a[href$='/approve/']").click()
    page.locator("#content form [type=submit], main form [type=submit]").last.click()
    expect(page).not_to_have_url(re.compile(r"/approve/$"))

    # The company files.
    page = company.open("/records/")
    page.locator("a[href*='/a/start/']").last.click()
    page.get_by_role("button", name="开始申请").click()
    number = re.search(r"/a/(XF-[\d-]+)/", page.url)[1]
    page.get_by_role("link", name="经办人和联系方式").click()
    page.get_by_label("经办人姓名").fill("程经办")
    page.get_by_label("联系电话").fill("025-00000000")
    page.get_by_role("button", name="保存并继续").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("纠正失信行为、履行义务的日期")
    page.get_by_label("失信行为在哪一天纠正完毕").fill(
        (demo_once.DECIDED_ON + timedelta(days=10)).isoformat()
    )
    page.get_by_role("button", name="保存并继续").click()
    for task, title in (("证照材料复印件", "营业执照"), ("履行完毕证明", "缴款凭证")):
        expect(page.get_by_role("heading", level=1)).to_contain_text(task)
        page.get_by_label("选择文件").set_input_files(paper(title))
        page.get_by_role("button", name="上传").click()
        page.get_by_role("link", name="不再上传，继续").click()
    page.get_by_label("同意公开", exact=True).check()
    page.get_by_label("登录密码").fill(PASSWORD)
    page.get_by_role("button", name="签署承诺书并提交申请").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("申请已提交")
    expect(page.locator("main")).to_contain_text(number)

    # The unit accepts; another examines; a third decides.
    def step(officer, action, fill=lambda page: None):
        page = officer.open(f"/admin/repairs/repaircase/?q={number}")
        page.get_by_role("link", name=number).click()
        page.locator(f"a[href$='/step/{action}/']").click()
        take = page.locator("button[name=take]")
        # The button ends the form: when it is there, so is all that is to be filled in.
        take.wait_for()
        fill(page)
        take.click()
        # The next person acts when this step is done, not when its button was pressed.
        expect(page).to_have_url(re.compile(r"/change/$"))
        return page

    def confirm_all(page):
        shown = page.frame_locator("iframe[name=viewer]").locator(".sheet img")
        for key in {link.get_attribute("data-paper") for link in page.locator("[data-paper]").all()}:
            link = page.locator(f"[data-paper='{key}']").first
            for _ in range(100):
                with page.expect_response(lambda answer: "page=1" in answer.url) as answered:
                    link.click()
                # The commitment is there when the worker has rendered it.
                if answered.value.status == 200:
                    break
                time.sleep(0.1)
            expect(shown).to_be_visible()
        for verdict in page.locator("input[type=radio][value=yes]").all():
            verdict.check()

    step(intake, "accept")
    step(person("reviewer.nj-scjg@example.com"), "review", confirm_all)
    approver = person("approver.nj-scjg@example.com")
    with nobody_sweeps(demo):
        page = step(approver, "grant")
        expect(page.locator("body")).to_contain_text("准予修复")
        # The platform has it at once, the applicant sees that, and publicity is over.
        until = time.monotonic() + 60
        while not (answer := received(demo, number))["count"]:
            assert time.monotonic() < until, "the nudge did not bring the decision to the platform"
            time.sleep(0.05)
    assert answer["messages"][0]["payload"]["decision"] == "granted"
    page = company.open(f"/a/{number}/")
    expect(page.locator(".lead-sentence")).to_contain_text("准予信用修复")
    expect(visitor.open(f"/search/?q={document}").locator("main")).to_contain_text("无公示信息")

    # The credit bureau issues the annotated report, which names the decision.
    reporter = person("report.nj-xyzx@example.com")
    page = reporter.open("/admin/reports/creditreport/new/")
    page.locator("[name=term]").fill(code)
    page.get_by_role("button", name="查找").click()
    page.locator(
        "a[href*='/creditreport/new/']", has_text=re.compile("选择|预览|" + demo_once.COMPANY)
    ).last.click()
    page.locator("[name=variant][value=repair]").check()
    page.locator("[name=purpose]").fill("核实修复结果")
    page.get_by_role("button", name="预览").click()
    page.get_by_role("button", name="签发").click()
    address = page.locator("a[href*='/documents/']").first.get_attribute("href")

    def pdf(person, address):
        for _ in range(100):
            answer = person.page.request.get(person.base + address)
            if answer.headers["content-type"] == "application/pdf":
                return answer.body()
            time.sleep(0.1)
        raise AssertionError(f"{address} was not rendered within 10 seconds")

    from pypdf import PdfReader

    file = tmp_path / "report.pdf"
    file.write_bytes(pdf(reporter, address))
    words = "".join(page.extract_text() for page in PdfReader(file).pages).replace("\n", "")
    assert document in words
    assert "已修复" in words

    # Each letter of the case opens for the applicant: the decision before the others, which are folded away.
    page = company.open(f"/a/{number}/")
    letters = page.locator("a[href*='/documents/']:not([hreflang])").all()
    kinds = [letter.text_content().split()[0] for letter in letters]
    assert kinds[0] == "准予信用修复决定书"
    assert (
        set(kinds[1:]) == {"信用修复承诺书", "信用修复申请回执", "信用修复申请受理通知书"} and len(kinds) == 4
    )
    for letter in letters:
        assert pdf(company, letter.get_attribute("href")).startswith(b"%PDF")
    # The same in English, by a link of each letter.
    copy = page.locator("a[hreflang=en][href$='/english/']").first.get_attribute("href")
    page = company.open(copy)
    expect(page.locator("main")).to_contain_text("Unofficial translation, for information only.")
    expect(page.locator("main")).to_contain_text("credit repair is granted")
    assert page.evaluate("document.documentElement.scrollWidth") <= telephone
    for someone in (intake, company, bureau, reporter, visitor):
        assert someone.faults == []
