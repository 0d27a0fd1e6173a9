"""One penalty is one record, however its number, its code and its names are typed."""

from __future__ import annotations

from datetime import date

import pytest
from django.apps import apps
from django.db import transaction
from django.urls import reverse

from applications.records.doubles import give_plain_numbers
from applications.records.models import DishonestyRecord
from applications.records.selectors import published
from applications.records.services import annotate_and_withdraw, import_records
from tests.fixtures import make_record
from tests.records.files import as_csv, row
from tests.records.previews import CODE, NOW

TYPED = [
    "宁市监处罚[2026]15号",
    "宁市监处罚（2026）15号",
    "宁市监处罚【２０２６】15号",
    "宁市监处罚〔2026〕 15\u200b号",
]


def load(organ, *rows):
    return import_records(content=as_csv(*rows), file_name="a.csv", organ=organ, at=NOW, actor=None)[0]


def repair(record, organ):
    with transaction.atomic():
        annotate_and_withdraw(
            record=record,
            case_number="XF-1",
            decision_number="宁市监信修〔2026〕1号",
            organ=organ,
            decided_on=date(2026, 11, 23),
            at=NOW,
            actor=None,
        )


@pytest.mark.parametrize("typed", TYPED)
def test_the_same_number_twice_in_a_file(market_bureau, typed):
    batch = load(market_bureau, row(), row(行政处罚决定书文号=typed))
    assert (batch.created, batch.rejected) == (1, 1)


@pytest.mark.parametrize("typed", TYPED)
def test_what_was_written_last_is_kept_and_shown(market_bureau, typed):
    load(market_bureau, row())
    batch = load(market_bureau, row(行政处罚决定书文号=typed))
    assert (batch.created, batch.updated) == (0, 1)
    record = DishonestyRecord.objects.get()
    assert record.document_number == typed.replace("\u200b", "")
    assert record.plain_number == "宁市监处罚〔2026〕15号"


@pytest.mark.parametrize("typed", TYPED)
def test_a_repaired_record_does_not_come_back_under_another_way_of_writing(market_bureau, typed):
    load(market_bureau, row())
    repair(DishonestyRecord.objects.get(), market_bureau)
    batch = load(market_bureau, row(行政处罚决定书文号=typed, 备注="再次"))
    assert (batch.created, batch.rejected) == (0, 1)
    assert not published().exists()


def test_a_code_is_stored_without_what_nobody_sees(market_bureau):
    load(market_bureau, row(**{CODE: "91350100\u200bM000100Y43\ufeff"}))
    assert DishonestyRecord.objects.get().subject.uscc == "91350100M000100Y43"


@pytest.mark.parametrize(
    "typed", [*TYPED, "南京示例食品", "南京 示例\u200b食品有限公司", "９１３５０１００Ｍ０００１００Ｙ４３"]
)
def test_the_public_finds_it_however_it_is_typed(client, market_bureau, typed):
    load(market_bureau, row())
    assert "宁市监处罚〔2026〕15号" in client.get("/search/", {"q": typed}).text


def test_an_officer_finds_it_too(client, market_bureau, wang):
    load(market_bureau, row())
    client.force_login(wang)
    page = client.get(reverse("admin:records_dishonestyrecord_changelist"), {"q": TYPED[0]})
    assert "宁市监处罚〔2026〕15号" in page.text


# -- Doubles from before


@pytest.fixture
def doubled(acme, market_bureau):
    """The same penalty three times, as it could come in while another bracket made another number."""
    records = [
        make_record(acme, market_bureau, document_number=f"双示罚{brackets[0]}2026{brackets[1]}5号")
        for brackets in ("〔〕",)
    ]
    for brackets in ("[]", "（）"):
        records.append(
            make_record(
                acme,
                market_bureau,
                document_number=f"双示罚{brackets[0]}2026{brackets[1]}5号",
                double_of=records[0],
            )
        )
    DishonestyRecord.objects.update(double_of=None, plain_number=None)
    return DishonestyRecord.objects.order_by("pk")


def test_doubles_are_found_and_one_of_them_counts(doubled):
    give_plain_numbers(apps.get_model("records", "DishonestyRecord").objects)
    first, second, third = doubled
    assert [each.plain_number for each in doubled] == ["双示罚〔2026〕5号"] * 3
    assert (first.double_of, second.double_of, third.double_of) == (None, first, first)
    assert list(published()) == [first]


def test_the_repaired_one_counts_so_that_none_is_public(doubled, market_bureau):
    repair(doubled[1], market_bureau)
    give_plain_numbers(DishonestyRecord.objects)
    first, second, third = doubled
    assert (first.double_of, second.double_of, third.double_of) == (second, None, second)
    assert not published().exists()


def test_a_double_that_is_repaired_takes_the_lead(doubled, market_bureau):
    give_plain_numbers(DishonestyRecord.objects)
    repair(doubled[2], market_bureau)
    first, second, third = doubled
    assert (first.double_of, second.double_of, third.double_of) == (third, third, None)
    assert not published().exists()


def test_the_unit_sees_a_list_of_them(client, doubled, wang):
    give_plain_numbers(DishonestyRecord.objects)
    client.force_login(wang)
    address = reverse("admin:records_dishonestyrecord_changelist")
    assert "双示罚〔2026〕5号" in client.get(address).text
    listed = client.get(address, {"double": "yes"}).text
    assert "双示罚[2026]5号" in listed and "双示罚（2026）5号" in listed
    assert "双示罚〔2026〕5号" not in listed
    page = client.get(reverse("admin:records_dishonestyrecord_change", args=[doubled[1].pk])).text
    assert "与“双示罚〔2026〕5号”" in page and "不公示" in page


def test_an_import_settles_what_the_code_before_left_behind(market_bureau):
    load(market_bureau, row())
    DishonestyRecord.objects.update(plain_number=None)
    batch = load(market_bureau, row(行政处罚决定书文号=TYPED[0]))
    assert (batch.created, batch.updated) == (0, 1)
