#!/usr/bin/env python
"""The main job, unattended, as its people do it: through the portal's own pages, over HTTP.

A unit imports a record file; the company signs up, is verified and files; the unit accepts, examines and
grants; the sharing platform receives the decision; the record leaves publicity; the credit bureau issues the
annotated report. Each step looks at what the next person would see. The last line printed is one JSON object;
the exit code is 0 only if all of it happened. script/demo --once starts the processes and runs this.
"""

import argparse
import csv
import io
import json
import os
import re
import sys
import time
from collections.abc import Callable, Mapping
from datetime import date, timedelta
from email import message_from_bytes, policy
from functools import partial
from pathlib import Path
from typing import TypeVar
from urllib.parse import quote, unquote, urljoin, urlsplit

import lxml.html
import requests
from demo_platforms import Platforms, destination, published, received
from pikepdf import Pdf
from stdnum.cn import uscc

PASSWORD = "xiufu-shili-2020"  # of the sample accounts, as load_sample prints it
COMPANY = "南京启程演示食品有限公司"
REPRESENTATIVE = "程示例"
DECIDED_ON = date.today() - timedelta(days=130)
CORRECTED_ON = DECIDED_ON + timedelta(days=20)
File = tuple[str, bytes, str]
T = TypeVar("T")


class Failed(Exception):
    """A step did not lead where it should have; the message says which and what the page said."""


def say(text: str) -> None:
    print(f"  {text}", flush=True)


class Person:
    """Somebody with a browser: opens pages, follows links, fills in the form on the page."""

    def __init__(self, base: str) -> None:
        self.base = base
        self.http = requests.Session()
        self.http.trust_env = False
        self.page: lxml.html.HtmlElement
        self.url = base

    def open(self, path: str) -> "Person":
        return self._show(self.http.get(urljoin(self.base, path), timeout=30))

    def _show(self, answer: requests.Response) -> "Person":
        self.url = answer.url
        self.page = lxml.html.fromstring(answer.text, base_url=answer.url)
        errors = [
            " ".join(one.text_content().split())
            for one in [*self.page.find_class("error-summary"), *self.page.find_class("errornote")]
        ]
        if answer.status_code >= 400 or errors:
            raise Failed(
                f"{urlsplit(answer.url).path} ({answer.status_code}) {' '.join(errors) or self.title}"
            )
        return self

    @property
    def title(self) -> str:
        return (self.page.findtext(".//title") or "").strip()

    @property
    def text(self) -> str:
        return " ".join(self.page.text_content().split())

    def link(self, pattern: str) -> str:
        """The address of the first link whose address matches; Failed if the page has none."""
        for element in self.page.iter("a"):
            address: str = element.get("href", "")
            if re.search(pattern, address):
                return urljoin(self.url, address)
        raise Failed(f"{self.title}: 页面上没有指向 {pattern} 的链接")

    def links(self, pattern: str) -> list[str]:
        return [
            urljoin(self.url, element.get("href"))
            for element in self.page.iter("a")
            if re.search(pattern, element.get("href", ""))
        ]

    def send(
        self,
        fields: Mapping[str, str] | None = None,
        files: Mapping[str, File] | None = None,
        *,
        button: str = "",
        holds: str = "",
    ) -> "Person":
        """Fill in a form of the page and send it: the one with the field ``holds``, or the last one.

        What the page has filled in stays, as in a browser. Failed names a field that the form has not got.
        """
        fields, files = dict(fields or {}), dict(files or {})
        wanted = holds or next(iter([*fields, *files]), "")
        forms = [
            form
            for form in self.page.forms
            if form.method == "POST" and (not wanted or wanted in form.fields)
        ]
        if not forms:
            raise Failed(f"{self.title}: 页面上没有含 {wanted or '任何字段'} 的表单")
        form = forms[-1]
        unknown = [name for name in [*fields, *files] if name not in form.fields]
        if unknown:
            raise Failed(f"{self.title}: 表单里没有字段 {unknown}")
        values = [
            (name, value) for name, value in form.form_values() if name not in fields and name not in files
        ]
        values += list(fields.items())
        if button:
            values.append((button, ""))
        address = urljoin(self.url, form.action or self.url)
        return self._show(
            self.http.post(
                address, data=values, files=files or None, timeout=60, headers={"Referer": self.url}
            )
        )

    def log_in(self, email: str, password: str = PASSWORD) -> "Person":
        self.open("/accounts/login/").send({"login": email, "password": password})
        if "/accounts/" in self.url:
            raise Failed(f"{email} 没有登录成功：{self.title}")
        return self

    def download(self, address: str) -> tuple[str, bytes]:
        """A PDF's name and bytes; asks again while the page says that it is being made."""

        def fetch() -> tuple[str, bytes] | None:
            answer = self.http.get(address, timeout=30)
            if answer.status_code not in (200, 202):
                raise Failed(f"{address}: {answer.status_code}")
            if answer.headers["Content-Type"] != "application/pdf":
                return None
            name = re.search(
                r"filename\*?=(?:utf-8'')?\"?([^\";]+)", answer.headers["Content-Disposition"], re.I
            )
            return unquote(name.group(1)) if name else "document.pdf", answer.content

        return until(fetch, 30, f"{address} 的PDF")


def until(look: Callable[[], T | None], seconds: float, what: str) -> T:
    """What ``look`` finds, looking again until it does; Failed after so many seconds."""
    deadline = time.monotonic() + seconds
    while True:
        found = look()
        if found is not None:
            return found
        if time.monotonic() > deadline:
            raise Failed(f"等了{seconds:.0f}秒，仍没有{what}")
        time.sleep(0.1)


def paper(title: str) -> File:
    """A scan, as far as the portal is concerned: a one-page PDF."""
    document = Pdf.new()
    document.add_blank_page(page_size=(595, 842))
    document.docinfo["/Title"] = title
    buffer = io.BytesIO()
    document.save(buffer)
    return f"{title}.pdf", buffer.getvalue(), "application/pdf"


def is_shown(officer: Person, address: str) -> bool | None:
    return officer.http.get(address).status_code == 200 or None


def make_code() -> str:
    """A 统一社会信用代码 with a right check digit that no register has given out."""
    body = f"913201000009{int(time.time()) % 100_000:05d}"
    return body + uscc.calc_check_digit(body)


def record_file(code: str, document_number: str, unit: Mapping[str, str]) -> bytes:
    row = {
        "行政相对人名称": COMPANY,
        "行政相对人类别": "法人及非法人组织",
        "行政相对人代码_1（统一社会信用代码）": code,
        "法定代表人": REPRESENTATIVE,
        "行政处罚决定书文号": document_number,
        "违法行为类型": "经营标签不符合规定的食品",
        "违法事实": "经营的预包装食品标签未标明生产日期。",
        "处罚依据": "《中华人民共和国食品安全法》第一百二十五条",
        "处罚类别": "罚款",
        "处罚内容": "罚款0.50万元",
        "罚款金额（万元）": "0.50",
        "处罚决定日期": DECIDED_ON.isoformat(),
        "处罚有效期": "2099-12-31",
        "处罚机关": unit["name"],
        "处罚机关统一社会信用代码": unit["uscc"],
        "数据来源单位": unit["name"],
        "数据来源单位统一社会信用代码": unit["uscc"],
        "失信严重程度": "一般",
        "失信领域": "食品药品",
        "失信行为": "无",
        "履行状态": f"已履行完毕({CORRECTED_ON})",
    }
    # The unit's own sample file has every column in its order.
    with Path("sample/records/nj-scjg.csv").open(encoding="utf-8-sig", newline="") as sample:
        columns = next(csv.reader(sample))
    text = io.StringIO()
    writer = csv.DictWriter(text, columns, restval="")
    writer.writeheader()
    writer.writerow(row)
    return text.getvalue().encode("utf-8-sig")


def confirmation_path(mail_folder: Path, email: str) -> str | None:
    """The path in the verification mail to an address, once it has come."""
    for file in sorted(mail_folder.glob("*.log")):
        for part in file.read_bytes().split(b"-" * 79):
            mail = message_from_bytes(part.strip() + b"\n", policy=policy.default)
            if email in str(mail["to"]):
                body = mail.get_body(("plain",))
                found = re.search(
                    r"https?://\S*?(/accounts/confirm-email/\S+)", body.get_content() if body else ""
                )
                if found:
                    return found.group(1)
    return None


def run(base: str, platforms: Platforms, keep: Path | None) -> dict[str, object]:
    started = time.monotonic()
    with Path("sample/organs.csv").open(encoding="utf-8-sig", newline="") as file:
        unit = next(row for row in csv.DictReader(file) if row["code"] == "nj-scjg")
    code = make_code()
    document_number = f"宁市监罚〔{DECIDED_ON.year}〕演{int(time.time()) % 100_000:05d}号"

    say("认定单位导入失信行为信息文件")
    intake = Person(base).log_in("intake.nj-scjg@example.com")
    upload = {"file": ("失信行为信息.csv", record_file(code, document_number, unit), "text/csv")}
    intake.open("/admin/records/importbatch/import/").send(files=upload)
    intake.send(holds="token")
    visitor = Person(base)
    if document_number not in visitor.open(f"/search/?q={quote(document_number)}").text:
        raise Failed("导入的信息没有公示")

    say("企业注册、验证邮箱、认领主体")
    email, company = f"demo-{int(time.time())}@example.com", Person(base)
    person = {"name": REPRESENTATIVE, "phone": "025-00000000"}
    company.open("/accounts/signup/").send(
        person | {"email": email, "password1": PASSWORD, "password2": PASSWORD}
    )
    folder = Path(os.environ["DATA_DIR"]) / "mail"
    path = until(lambda: confirmation_path(folder, email), 20, "验证邮件")
    company.open(path).send()
    if "/login" in company.url:
        company.log_in(email)
    company.open("/subjects/claim/?kind=organisation").send(
        {"capacity": "representative", "name": COMPANY, "code": code}, {"proof": paper("营业执照")}
    )

    say("公共信用信息工作机构核验认领")
    bureau = Person(base).log_in("intake.nj-xyzx@example.com").open("/admin/subjects/claim/")
    rows = [
        row for row in bureau.page.xpath('//*[@id="result_list"]//tbody//tr') if COMPANY in row.text_content()
    ]
    if not rows:
        raise Failed("核验列表里没有这次认领")
    claim = rows[-1].xpath(".//a/@href")[0]
    bureau.open(claim).download(bureau.link(r"/subjects/proofs/"))
    bureau.open(claim).open(bureau.link(r"/approve/$")).send()

    say("企业填写申请、上传材料、签署承诺书、提交")
    company.open("/records/")
    company.open(company.link(r"/a/start/\d+/$")).send()
    case = re.search(r"/a/(XF-[\d-]+)/", company.url)
    if not case:
        raise Failed(f"没有建立申请：{company.title}")
    number = case.group(1)
    home = f"/a/{number}/"
    company.open(home + "contact/").send(person)
    company.open(home + "fulfilment/").send({"corrected_on": CORRECTED_ON.isoformat()})
    for kind, title in (("licence", "营业执照"), ("fulfilment", "罚款缴款凭证")):
        company.open(home + f"files/{kind}/").send(files={"uploads": paper(title)})
    company.open(home + "commitment/").send(
        {"signatory": REPRESENTATIVE, "publication_consent": "yes", "password": PASSWORD}
    )
    company.open(home + "check/").send(holds="version")
    if not company.url.endswith("/submitted/"):
        raise Failed(f"没有提交成功：{company.text[:300]}")

    def step(officer: Person, action: str, fields: Mapping[str, str] | None = None) -> None:
        officer.open(f"/admin/repairs/repaircase/?queue=mine&q={number}")
        officer.open(officer.link(r"/repaircase/\d+/change/"))
        officer.open(officer.link(rf"/step/{action}/(\?|$)"))
        given = dict(fields or {})
        if action == "review":
            for paper in officer.links(r"\?page=1$"):
                # A letter is there when the worker has rendered it.
                until(partial(is_shown, officer, paper), 30, "打开材料")
            names = officer.page.xpath('//input[starts-with(@name, "verdict_")]/@name')
            given |= dict.fromkeys(names, "yes")
        officer.send(given, button="take", holds="version")

    say("认定单位受理、审查、准予修复")
    step(intake, "accept")
    reviewer = Person(base).log_in("reviewer.nj-scjg@example.com")
    step(reviewer, "review", {"opinion": "材料齐全，义务已履行完毕。"})
    approver = Person(base).log_in("approver.nj-scjg@example.com")
    step(approver, "grant")
    decided = time.monotonic()

    say("同级共享平台签收决定，并标注、撤销公示")
    until(lambda: received(platforms.city, number)["count"] or None, 30, "平台签收")
    seconds_to_platform = time.monotonic() - decided
    until(lambda: "共享平台已经签收" in company.open(home).text or None, 30, "申请人页面上的签收状态")

    keeper = Person(base).log_in("system.js-xyzx@example.com")
    keeper.open(f"/admin/sharing/delivery/?q={number}")
    shared = destination(platforms, number, named=keeper.page)
    if not all(shared.values()) or received(platforms.province, number)["count"]:
        raise Failed(f"决定没有在同级平台落实，或者也送到了别的平台：{shared}")

    say("公示已经撤销")
    if "无公示信息" not in visitor.open(f"/search/?q={quote(document_number)}").text:
        raise Failed("查询公示时仍能看到已修复的信息")

    say("公共信用信息工作机构出具标注后的信用报告")
    reporter = Person(base).log_in("report.nj-xyzx@example.com")
    reporter.open("/admin/reports/creditreport/new/").send({"term": code})
    reporter.open(reporter.link(r"/creditreport/new/\d+/"))
    reporter.open(f"{reporter.url}?variant=repair&purpose={quote('核实信用修复结果')}").send(holds="once")
    report_name, report = reporter.download(reporter.link(r"/documents/"))

    say("下载并核验全部文书")
    company.open(home)
    files = dict(map(company.download, dict.fromkeys(company.links(r"/documents/[^/]+/$"))))
    files[report_name] = report
    grant = next(name for name in files if "准予" in name)
    verify_url = verified(visitor, company.links(r"/v/[0-9A-Z]+/$")[-1], grant, files[grant])
    proofs = published(visitor.http, base)
    if keep:
        keep.mkdir(parents=True, exist_ok=True)
        for name, content in {**files, **proofs}.items():
            (keep / name).write_bytes(content)
    status = "granted" if "准予修复" in company.text else company.title
    say(f"决定作出{seconds_to_platform:.1f}秒后平台签收")
    return {
        "case": number,
        "status": status,
        "platform_received": received(platforms.city, number)["count"],
        "documents": [name for name in files if name != report_name],
        "report": report_name,
        "verify_url": verify_url,
        "destinations": [shared],
        **dict(zip(("keys", "status_list"), proofs, strict=True)),
        "seconds": round(time.monotonic() - started, 1),
    }


def verified(visitor: Person, address: str, name: str, content: bytes) -> str:
    """The address at which anybody can verify a document, after a visitor with its PDF was told it is genuine."""
    visitor.open(address)
    if "目前有效" not in visitor.text:
        raise Failed(f"{name} 没有通过核验：{visitor.text[:200]}")
    visitor.send(files={"pdf": (name, content, "application/pdf")})
    if "内容未被改动" not in visitor.text:
        raise Failed(f"{name} 的内容没有通过核验：{visitor.text[:200]}")
    return address


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--base-url", required=True)
    parser.add_argument("--city-platform", required=True)
    parser.add_argument("--province-platform", required=True)
    parser.add_argument("--keep", type=Path)
    options = parser.parse_args()
    try:
        platforms = Platforms(options.city_platform, options.province_platform)
        result = run(options.base_url.rstrip("/"), platforms, options.keep)
    except (Failed, requests.RequestException) as problem:
        print(f"错误：{problem}", file=sys.stderr)
        return 1
    print(json.dumps(result, ensure_ascii=False))
    return 0


if __name__ == "__main__":
    sys.exit(main())
