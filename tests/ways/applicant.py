"""Somebody with a browser, who finds each page by what stands on the one before, and is shown it as wide as a telephone and as a
desk: nothing may have to be pushed sideways.

What stands on buttons, links and fields is given in Chinese, and looked for in the language of whoever reads.
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

from django.utils import translation
from playwright.sync_api import BrowserContext, Locator, expect

from applications.accounts.models import User
from applications.records.models import DishonestyRecord
from applications.repairs.models import RepairCase
from tests.fixtures import PASSWORD
from tests.repairs.steps import pdf

WIDTHS = (360, 1280)
# What a page asks for, and what is handed in there.
LICENCE = ("证照材料复印件（加盖公章）", "营业执照")


class Applicant:
    """``faults`` is what the browser's console held against the pages so far."""

    def __init__(self, context: BrowserContext, site: str, *, language: str) -> None:
        self.site, self.language, self.faults, self.shown = site, language, list[str](), 0
        self.page = context.new_page()
        self.width = WIDTHS[0]
        self.page.set_viewport_size({"width": self.width, "height": 740})
        self.page.on("console", lambda said: self.faults.append(said.text) if said.type == "error" else None)
        self.page.on("pageerror", lambda error: self.faults.append(str(error)))

    def says(self, words: str) -> str:
        with translation.override(self.language):
            return translation.gettext(words)

    # -- What the eye sees

    def looks_at(self, heading: str) -> None:
        """The page with this heading has come. It is looked at in both widths, and what is done next is done in the other one."""
        expect(self.page.get_by_role("heading", level=1, name=self.says(heading))).to_be_visible()
        # A page is laid out without its style sheets where somebody measures it before they have come.
        self.page.wait_for_load_state("load")
        for width in (self.width, *(other for other in WIDTHS if other != self.width)):
            if width != self.width:
                self.page.set_viewport_size({"width": width, "height": 740})
                self.width = width
            wide = self.page.evaluate("document.scrollingElement.scrollWidth")
            assert wide <= width, f"{self.page.url}: {wide} of {width} px"
            self._keep_picture(heading)
        assert self.faults == [], self.page.url

    def _keep_picture(self, heading: str) -> None:
        if folder := os.environ.get("SCREENSHOTS"):
            test = re.sub(r"\W+", "_", os.environ["PYTEST_CURRENT_TEST"].partition("::")[2].partition("[")[0])
            name = f"{folder}/{test}-{self.shown // 2:02}-{self.width}"
            self.shown += 1
            self.page.screenshot(path=f"{name}.png", full_page=True)
            main = self.page.locator("main").inner_text()
            Path(f"{name}.txt").write_text(f"# {heading} {self.page.url}\n{main}\n")

    def reads(self, *sentences: str) -> None:
        """These stand on the page."""
        for sentence in sentences:
            expect(self.page.locator("main")).to_contain_text(sentence)

    def does_not_read(self, sentence: str) -> None:
        expect(self.page.locator("main")).not_to_contain_text(sentence)

    def row(self, words: object) -> Locator:
        return self.page.locator("tbody tr", has_text=str(words))

    # -- What the hand does

    def opens(self, path: str, heading: str) -> None:
        self.page.goto(self.site + path)
        self.looks_at(heading)

    def follows(self, link: str, heading: str, *, within: Locator | None = None) -> None:
        (within or self.page).get_by_role("link", name=self.says(link)).first.click()
        self.looks_at(heading)

    def presses(self, button: str, heading: str) -> None:
        self.page.get_by_role("button", name=self.says(button), exact=True).first.click()
        self.looks_at(heading)

    def fills(self, fields: dict[str, str]) -> None:
        """What is typed, by label."""
        for label, value in fields.items():
            self.page.get_by_label(self.says(label)).fill(value)

    def chooses(self, *labels: str) -> None:
        for label in labels:
            self.page.get_by_label(self.says(label), exact=True).check()

    def hands_in(self, title: str, label: str = "选择文件") -> None:
        file = {"name": f"{title}.pdf", "mimeType": "application/pdf", "buffer": pdf(title).read()}
        self.page.get_by_label(self.says(label)).set_input_files(file)

    def uploads(self, title: str) -> None:
        """On a page for files alone: it is there when its name is."""
        self.hands_in(title)
        self.page.get_by_role("button", name=self.says("上传"), exact=True).click()
        expect(self.page.locator("#uploaded")).to_contain_text(title)

    def takes(self, link: str) -> bytes:
        """What a link hands out as a file."""
        with self.page.expect_download() as taken:
            self.page.get_by_role("link", name=self.says(link)).first.click()
        return Path(taken.value.path()).read_bytes()

    def keeps(self, path: str) -> dict[str, Any]:
        """What the portal publishes there for machines."""
        answer = self.page.request.get(self.site + path)
        assert answer.ok, f"{path}: {answer.status}"
        kept: dict[str, Any] = answer.json()
        return kept

    # -- What every way has

    def signs_in(self, person: User, path: str = "/desk/", heading: str = "我的修复") -> None:
        """At whatever page was asked for."""
        self.opens(path, "登录")
        self.fills({"电子邮箱": person.email, "密码": PASSWORD})
        self.presses("登录", heading)

    def comes_back(self, person: User, case: RepairCase) -> None:
        """By the address in the message that told of it."""
        self.signs_in(person, f"/a/{case.number}/", "办理进度")

    def begins(self, record: DishonestyRecord) -> None:
        """From the page after signing in to a draft."""
        self.follows("我的失信记录", "我的失信记录")
        self.follows("申请修复", "开始申请信用修复", within=self.row(record))
        self.presses("开始申请", "填写信用修复申请")

    def goes_on_with_a_draft(self) -> None:
        """From the page after signing in: all is there but the commitment."""
        self.follows("继续填写", "填写信用修复申请")
        self.reads("已完成 4/5")

    def says_how_to_be_reached(self, then: str) -> None:
        self.follows("经办人和联系方式", "经办人和联系方式")
        self.fills({"联系电话": "025-12345678"})
        self.presses("保存并继续", then)

    def shows_it_was_made_good(self, then: str, title: str = "缴款凭证") -> None:
        duty = self.says("“%(duty)s”在哪一天履行完毕") % {"duty": "罚款"}
        self.fills({"失信行为在哪一天纠正完毕": "2026-06-01", duty: "2026-06-02"})
        self.hands_in(title, "履行完毕证明")
        self.presses("保存并继续", then)

    def fills_in(self, then: str = "提交前请核对", papers: tuple[str, str] = LICENCE) -> None:
        """Everything that a general record asks for, but the commitment."""
        self.says_how_to_be_reached("纠正失信行为、履行义务的日期")
        asked, title = papers
        self.shows_it_was_made_good(asked)
        self.uploads(title)
        self.follows("不再上传，继续", then)

    def signs(self) -> None:
        self.chooses("同意公开")
        self.fills({"登录密码": PASSWORD})
        self.presses("签署承诺书并提交申请", "申请已提交")

    def finds_its_case(self, record: DishonestyRecord) -> None:
        """After signing in, by the list of records."""
        self.follows("我的失信记录", "我的失信记录")
        self.row(record).get_by_role("link").last.click()
        self.looks_at("办理进度")

    def finds_nothing_public(self, record: DishonestyRecord) -> None:
        self.opens(f"/search/?q={record.document_number}", "查询公示")
        self.reads(self.says("无公示信息。"))

    def searches_the_public_list(self, words: str) -> None:
        self.opens("/search/", "查询公示")
        self.fills({"名称、统一社会信用代码或决定书文号": words})
        self.presses("查询", "查询公示")
