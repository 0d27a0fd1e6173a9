"""How many full pages a person sees from signing in to the receipt, in a real browser: at most twelve for the first filing of a
general record, at most six for a second one."""

from datetime import date

import pytest
from django.core.cache import cache

from applications.commitments.models import Commitment
from applications.repairs.models import RepairCase
from tests.fixtures import PASSWORD, make_record
from tests.repairs.steps import pdf, submitted

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


class Applicant:
    """Somebody with a browser who has not signed in; every document that the browser shows is a page."""

    def __init__(self, new_context, live_server, width=1280):
        cache.clear()
        context = new_context(viewport={"width": width, "height": 740})
        self.page, self.site, self.pages = context.new_page(), live_server.url, []
        self.page.on("load", lambda page: self.pages.append(page.url.removeprefix(self.site)))

    def sign_in(self, email):
        self.page.goto(f"{self.site}/records/")
        self.page.locator("[name=login]").fill(email)
        self.page.locator("[name=password]").fill(PASSWORD)
        self.page.locator("main form [type=submit]").click()
        self.page.get_by_role("heading", name="我的失信记录").wait_for()

    def begin(self, record):
        self.page.locator("tr", has_text=str(record)).get_by_role("link", name="申请修复").click()
        self.page.get_by_role("button", name="开始申请").click()

    def dates_and_proof(self, title):
        self.page.get_by_label("失信行为在哪一天纠正完毕").fill("2026-06-01")
        self.page.get_by_label("“罚款”在哪一天履行完毕").fill("2026-06-02")
        self.choose(title)
        self.page.get_by_role("button", name="保存并继续").click()

    def choose(self, title):
        file = {"name": f"{title}.pdf", "mimeType": "application/pdf", "buffer": pdf(title).read()}
        self.page.locator("[name=uploads]").set_input_files(file)

    def sign_and_file(self):
        self.page.get_by_label("同意公开", exact=True).check()
        self.page.get_by_label("登录密码").fill(PASSWORD)
        self.page.get_by_role("button", name="签署承诺书并提交申请").click()
        self.page.get_by_role("heading", name="申请已提交").wait_for()


@pytest.mark.parametrize("width", [360, 1280])
def test_the_first_filing_takes_at_most_twelve_pages(
    new_context, live_server, general_record, market_bureau, alice, width
):
    who = Applicant(new_context, live_server, width)
    who.sign_in(alice.email)
    who.begin(general_record)
    page = who.page
    page.get_by_role("link", name="经办人和联系方式").click()
    page.get_by_label("联系电话").fill("025-12345678")
    page.get_by_role("button", name="保存并继续").click()
    who.dates_and_proof("缴款凭证")
    # A form with a file stays on the screen until it is answered.
    page.get_by_role("heading", level=1, name="证照材料复印件").wait_for()
    who.choose("营业执照")
    page.get_by_role("button", name="上传").click()
    page.get_by_role("link", name="不再上传，继续").click()
    who.sign_and_file()
    assert len(who.pages) <= 12, who.pages
    case = RepairCase.objects.get()
    assert case.status == "submitted" and case.number in page.inner_text("main")
    assert {each.kind for each in case.materials.all()} == {"licence", "fulfilment"}
    commitment = Commitment.objects.get()
    assert (commitment.signatory, commitment.way, commitment.publication_consent) == (
        "陈示例",
        "account",
        True,
    )


@pytest.mark.parametrize("width", [360, 1280])
def test_a_second_filing_takes_at_most_six_pages(
    new_context, live_server, acme, general_record, market_bureau, alice, width
):
    """Of another record: who handles it, how to reach them and the licence are known."""
    first = submitted(general_record, market_bureau, alice)
    other = make_record(
        acme, market_bureau, document_number="宁市监处罚〔2026〕31号", decided_on=date(2026, 5, 20)
    )
    who = Applicant(new_context, live_server, width)
    who.sign_in(alice.email)
    who.begin(other)
    who.dates_and_proof("第二张缴款凭证")
    who.sign_and_file()
    assert len(who.pages) <= 6, who.pages
    case = RepairCase.objects.exclude(pk=first.pk).get()
    assert case.status == "submitted" and case.record == other
    assert {(each.kind, each.file.name) for each in case.materials.select_related("file")} == {
        ("licence", "证照材料复印件（加盖公章）.pdf"),
        ("fulfilment", "第二张缴款凭证.pdf"),
    }
    assert case.filing.contact_name == "陈经办"
