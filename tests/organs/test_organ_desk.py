"""Looking organs up, and keeping them."""

import pytest

from applications.accounts.models import Role
from applications.ledger.models import Event
from applications.organs import regions
from applications.organs.models import Organ
from tests.fixtures import make_user

LIST = "/admin/organs/organ/"
NEW = {
    "code": "nj-xw-sthj",
    "name": "南京市玄武生态环境局",
    "document_prefix": "玄环信修",
    "kind": "identifying_unit",
    "level": "county",
    "region": "320102",
    # Invented; its check digits were worked out apart from the code.
    "uscc": "113201020000000197",
    "phone": "025-00000009",
    "address": "",
}


@pytest.fixture
def operator(credit_bureau):
    return make_user("operator@example.com", "系统员", credit_bureau, Role.SYSTEM_ADMIN)


@pytest.mark.parametrize(
    ("wide", "narrow", "expected"),
    [
        ("320000", "320102", True),
        ("320000", "320000", True),
        ("320100", "320102", True),
        ("320100", "320100", True),
        ("320100", "320500", False),
        ("320100", "320505", False),
        ("320102", "320104", False),
        ("320102", "320100", False),
        ("320100", "320000", False),
    ],
)
def test_a_region_covers_itself_and_what_lies_in_it(wide, narrow, expected):
    assert regions.covers(wide, narrow) is expected


def test_region_names_read_like_an_address():
    assert regions.name("320000") == "江苏省"
    assert regions.name("320100") == "南京市"
    assert regions.name("320102") == "南京市玄武区"
    assert regions.name("999999") == "999999"
    assert len(regions.cities()) == 13


def test_every_officer_may_look_organs_up_but_not_change_them(client, wang, market_bureau, ecology_bureau):
    client.force_login(wang)
    page = client.get(LIST).content.decode()
    assert market_bureau.name in page and ecology_bureau.name in page
    url = f"{LIST}{market_bureau.pk}/change/"
    assert client.get(url).status_code == 200
    assert client.post(url, {"name": "x"}).status_code == 403
    assert client.get(LIST + "add/").status_code == 403


def test_applicants_do_not_get_in(client, alice, market_bureau):
    client.force_login(alice)
    assert client.get(LIST, follow=True).status_code == 403


def test_the_operator_adds_an_organ_of_the_own_region(client, operator):
    client.force_login(operator)
    assert client.post(LIST + "add/", NEW).status_code == 302
    organ = Organ.objects.get(code="nj-xw-sthj")
    assert organ.region_name == "南京市玄武区"
    event = Event.objects.get(chain="organ-nj-xw-sthj")
    assert (event.verb, event.actor) == ("organ.created", operator)


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("region", "320505", "只能维护南京市范围内的机构"),
        ("region", "110000", "不是江苏省的行政区划代码"),
        ("region", "320100", "请改选层级或行政区划"),
        ("uscc", "113201020000000198", "统一社会信用代码不正确"),
        ("document_prefix", "（玄）环Xf １", "请改为“玄环XF1”"),
        ("document_prefix", "玄〔环〕", "请改为“玄环”"),
    ],
)
def test_a_wrong_organ_is_refused_with_the_reason(client, operator, field, value, said):
    client.force_login(operator)
    assert said in client.post(LIST + "add/", {**NEW, field: value}).content.decode()
    assert not Organ.objects.filter(code=NEW["code"]).exists()


def test_characters_from_before_that_could_not_be_chosen_today_stay(client, operator, market_bureau):
    Organ.objects.filter(pk=market_bureau.pk).update(document_prefix="（宁）市监")
    posted = {"name": market_bureau.name, "document_prefix": "（宁）市监", "phone": "025-98"}
    client.force_login(operator)
    assert client.post(f"{LIST}{market_bureau.pk}/change/", posted).status_code == 302
    market_bureau.refresh_from_db()
    assert (market_bureau.phone, market_bureau.document_prefix) == ("025-98", "（宁）市监")


def test_the_operator_keeps_contact_data_but_not_identity(client, operator, market_bureau, ecology_bureau):
    client.force_login(operator)
    url = f"{LIST}{market_bureau.pk}/change/"
    posted = {
        "name": market_bureau.name,
        "document_prefix": "宁市监信修",
        "phone": "025-99",
        "region": "320500",
    }
    assert client.post(url, posted).status_code == 302
    market_bureau.refresh_from_db()
    assert market_bureau.phone == "025-99"
    assert market_bureau.region == "320100"
    assert "phone" in Event.objects.get(chain="organ-nj-scjg").payload["fields"]
    assert client.post(f"{LIST}{ecology_bureau.pk}/change/", posted).status_code == 403
