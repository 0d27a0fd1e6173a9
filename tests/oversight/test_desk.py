"""The department's desk: every number is the length of the list behind it."""

import re
from datetime import date, timedelta

import pytest
import time_machine

from applications.accounts.models import Role
from applications.calendars.services import propose_closure
from applications.deadlines.models import Sweep
from applications.oversight import counting, selectors
from applications.sharing.models import Delivery
from tests.fixtures import make_record, make_user, moment
from tests.pages import text
from tests.repairs.steps import accepted, granted, refused, submitted

pytestmark = pytest.mark.django_db

NOW = moment("2026-11-25 15:00")
LISTED = re.compile(r"共 (\d+) 件")


@pytest.fixture(autouse=True)
def on_the_25th():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def work(acme, market_bureau, alice, wang, li, zhao):
    """Of Nanjing's market bureau: one overdue answer, one due today, one decision due later, a grant, a refusal."""
    numbered = iter(f"丁{n}号" for n in range(10))

    def record(**fields):
        return make_record(acme, market_bureau, document_number=next(numbered), **fields)

    # Wednesday the 18th and 3 working days: 19, 20, 23. Two days late on the 25th.
    submitted(record(), market_bureau, alice, at="2026-11-18 10:00")
    # Friday the 20th and 3: 23, 24, 25.
    submitted(record(), market_bureau, alice)
    accepted(record(), market_bureau, alice, wang)
    granted(record(), market_bureau, alice, wang, li, zhao)
    refused(record(), market_bureau, alice, wang, li, zhao)


def line(kind, organ=None, realm=None):
    realm = realm or selectors.Realm("320100", date(2026, 11, 25))
    tables = selectors.clock_tables(realm, counting.count(realm.prefix, realm.today))
    table = next(table for table in tables if table.kind == kind)
    if organ is None:
        return table.total
    return next(each for each in table.lines if each.organ == organ)


class TestFigures:
    def test_the_answers_to_submissions(self, work, market_bureau):
        found = line("acceptance", market_bureau)
        # Three were answered on Monday the 23rd, one working day after Friday the 20th.
        counts = {shown: found.counts[shown] for shown in selectors.SHOWN}
        assert counts == {"open": 2, "soon": 1, "overdue": 1, "ended": 3, "late": 0}
        assert (found.median, found.ninety_fifth) == (1, 1)
        # Three in time of three done and one overdue.
        assert found.on_time == 75

    def test_the_decisions(self, work, market_bureau):
        found = line("decision", market_bureau)
        # Accepted on the 23rd, decided on the 25th: two working days. One is due on Wednesday the 2nd.
        assert (found.counts["open"], found.counts["soon"], found.counts["ended"]) == (1, 0, 2)
        assert (found.median, found.ninety_fifth, found.on_time) == (2, 2, 100)

    def test_soon_reaches_to_the_next_working_day(self, work, market_bureau):
        """Decided on Wednesday the 25th: shared by Friday the 27th. On Thursday that is the next working day."""
        assert line("sharing").counts["soon"] == 0
        thursday = selectors.Realm("320100", date(2026, 11, 26))
        assert line("sharing", realm=thursday).counts["soon"] == 2
        assert line("sharing", realm=thursday).counts["overdue"] == 0

    @pytest.mark.parametrize(
        "spans, median, ninety_fifth",
        [
            ({}, None, None),
            ({3: 1}, 3, 3),
            ({1: 10, 2: 10}, 1, 2),
            ({1: 95, 7: 5}, 1, 1),
            ({1: 94, 7: 6}, 1, 7),
            ({0: 1, 2: 1, 9: 1}, 2, 9),
        ],
    )
    def test_median_and_95_per_cent(self, spans, median, ninety_fifth):
        found = selectors.ClockLine(None)
        found.spans.update(spans)
        assert (found.median, found.ninety_fifth) == (median, ninety_fifth)


class TestDesk:
    def test_every_number_is_the_length_of_its_list(self, client, work, sun):
        client.force_login(sun)
        page = text(client.get("/oversight/"))
        links = re.findall(r'href="(/oversight/[a-z]+/[^"]*)">([^<]*)</a>', page)
        links = [(link.replace("&amp;", "&"), shown) for link, shown in links if re.search(r"\d+", shown)]
        assert len(links) > 40
        for link, shown in links:
            number = int(re.findall(r"\d+", shown)[-1])
            listed = int(LISTED.search(text(client.get(link))).group(1))
            assert listed == number, (link, shown)

    def test_what_a_supervisor_reads(self, client, work, sun):
        client.force_login(sun)
        page = text(client.get("/oversight/"))
        assert "监督管理：南京市" in page
        assert "期限巡检已停止超过10分钟" in page
        assert "现行政策：苏信用发〔2020〕4号" in page
        assert "未具备“行政处理决定和司法裁判明确的法定责任和义务已经履行完毕” 1 件" in page
        assert "平台尚未签收 2 件" in page
        Sweep.objects.create(started_at=NOW - timedelta(minutes=3), finished_at=NOW - timedelta(minutes=3))
        page = text(client.get("/oversight/"))
        assert "期限巡检已停止" not in page and "2026年11月25日 14:57:00" in page

    def test_a_list_leads_to_the_case(self, client, work, sun):
        client.force_login(sun)
        page = text(client.get("/oversight/clocks/overdue/?kind=acceptance&organ=nj-scjg"))
        assert "<h1>南京市市场监督管理局，受理答复，已逾期</h1>" in page
        assert "2026年11月23日" in page
        link = re.search(r'href="(/admin/repairs/repaircase/\d+/change/)"', page).group(1)
        assert client.get(link).status_code == 200

    def test_each_department_sees_its_region(
        self, client, work, sun, zheng, ecology_bureau, suzhou_department
    ):
        from applications.accounts.models import Role
        from tests.fixtures import make_user

        xu = make_user("xu@example.com", "许监督", suzhou_department, Role.SUPERVISOR)
        client.force_login(xu)
        assert "南京市市场监督管理局" not in text(client.get("/oversight/"))
        assert "共 0 件" in text(client.get("/oversight/clocks/open/"))
        assert "共 0 件" in text(client.get("/oversight/clocks/open/?organ=nj-scjg"))
        assert "共 0 件" in text(client.get("/oversight/refusals/"))
        assert "共 0 件" in text(client.get("/oversight/deliveries/waiting/"))
        client.force_login(zheng)
        assert "南京市市场监督管理局" in text(client.get("/oversight/"))
        assert "共 1 件" in text(client.get("/oversight/refusals/"))

    def test_few_queries_however_much_work_there_is(
        self, client, work, sun, acme, market_bureau, alice, django_assert_max_num_queries
    ):
        client.force_login(sun)
        client.get("/oversight/")
        with django_assert_max_num_queries(26):
            client.get("/oversight/")
        for n in range(20):
            submitted(make_record(acme, market_bureau, document_number=f"戊{n}号"), market_bureau, alice)
        with django_assert_max_num_queries(26):
            client.get("/oversight/")
        with django_assert_max_num_queries(12):
            client.get("/oversight/clocks/open/")

    @pytest.mark.parametrize("person", ["zhao", "li", "qian", "outsider", "alice"])
    def test_for_everybody_else_there_is_no_desk(self, client, request, person):
        assert client.get("/oversight/").url.startswith("/accounts/login/")
        client.force_login(request.getfixturevalue(person))
        assert client.get("/oversight/").status_code == 404
        assert client.get("/oversight/clocks/open/").status_code == 404

    @pytest.mark.parametrize(
        "address",
        [
            "/oversight/clocks/all/",
            "/oversight/clocks/open/?kind=lunch",
            "/oversight/clocks/open/?organ=nowhere",
            "/oversight/refusals/?reason=whim",
            "/oversight/objections/?outcome=draw",
            "/oversight/deliveries/lost/",
        ],
    )
    def test_an_address_that_means_nothing(self, client, sun, address):
        client.force_login(sun)
        assert client.get(address).status_code == 404

    def test_nothing_to_see_yet(self, client, sun):
        client.force_login(sun)
        page = text(client.get("/oversight/"))
        assert "今年不予修复的决定 0 件" in page and "链头还没有签名" in page

    def test_a_delivery_that_was_given_up_stands_in_the_first_sentence(self, client, work, sun):
        Delivery.objects.filter(pk=Delivery.objects.first().pk).update(status="dead")
        client.force_login(sun)
        page = text(client.get("/oversight/"))
        assert "有 1 件决定推送失败，待人工处理。" in page
        assert "共 1 件" in text(client.get("/oversight/deliveries/dead/"))


def test_the_officers_site_leads_there(client, sun, zhao):
    client.force_login(sun)
    assert 'href="/oversight/"' in text(client.get("/admin/"))
    client.force_login(zhao)
    assert 'href="/oversight/"' not in text(client.get("/admin/"))


def test_a_proposed_closure_waits_on_the_desk_of_whoever_decides(client, sun, credit_department):
    colleague = make_user("ling@example.com", "凌复核", credit_department, Role.SUPERVISOR)
    closure = propose_closure(
        region="320100",
        first_on=date(2026, 12, 1),
        last_on=date(2026, 12, 1),
        name="暴雪停工",
        document_number="宁防指〔2026〕9号",
        proposed_by=sun,
        at=NOW,
    )
    address = f"/admin/calendars/localclosure/{closure.pk}/change/"

    client.force_login(colleague)
    page = text(client.get("/oversight/"))
    assert "等您复核的工作日历变动" in page and address in page
    assert client.get(address).status_code == 200
    client.force_login(sun)
    assert address not in text(client.get("/oversight/")), "whoever proposed it does not decide it"
