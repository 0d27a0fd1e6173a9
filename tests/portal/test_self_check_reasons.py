"""How the result of a self-check came about, in words and as JSON."""

from datetime import date

import pytest
import time_machine

from tests.english.walking import data, left_in_chinese
from tests.fixtures import moment
from tests.portal.checking import (
    READY,
    answers,
    json_of,
    result_of,
    walk,
)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def today():
    with time_machine.travel(moment("2026-11-23 10:00"), tick=False):
        yield


def test_the_tree_names_clause_sentence_and_facts(client):
    page = result_of(client, READY)
    assert "这个结论是怎样得出的" in page
    tree = page[page.index('class="tree"') :]
    assert [each for each in ("第二条", "第六条", "第四条") if each in tree] == ["第二条", "第六条", "第四条"]
    assert "自2026年5月1日起不少于3个月的期限已满，2026年8月2日起可以申请" in tree
    for fact in ("失信严重程度：一般", "认定日期：2026年5月1日", "行政区划：南京市", "2026年6月2日", "信用承诺：2026年11月23日签署，同意公开"):  # fmt: skip
        assert fact in tree, fact


def test_the_conclusion_names_a_day_only_where_it_is_to_come(client):
    """Counted with a commitment of today, the first day of who may apply already would be today."""

    def conclusion(page: str) -> str:
        return page[page.index('class="tree"') :].split("</p>")[0]

    assert "（" not in conclusion(result_of(client, READY))
    young = answers(identification={"region": "320100", "identified_on": "2026-10-01"})
    assert "（2027年1月2日）" in conclusion(result_of(client, young))


def test_the_reasons_in_english(client):
    url = walk(client, answers(identification={"region": "320100", "identified_on": "2026-09-01"}))
    page = client.get(url, headers={"Accept-Language": "en"}).content.decode()
    assert (
        "Article 4: The minimum period of 3 months from 2026-09-01 has not passed; one may apply from 2026-12-02."
        in page
    )
    assert '<html lang="en">' in page
    assert [*left_in_chinese(page, data())] == []
    assert client.get(url).content.decode().count("Article 4") == 0


def test_the_json_is_what_the_command_line_gives(client):
    found = json_of(client, READY)
    assert set(found) == {"facts", "assessment", "explanation"}
    assert found["assessment"]["policy"] == "jiangsu-2020-4"
    assert found["assessment"]["on"] == "2026-11-23"
    assert found["assessment"]["outcome"] == "eligible"
    assert found["assessment"]["earliest_on"] == str(date(2026, 11, 23))
    assert found["explanation"]["clauses"][0]["reasons"][0]["reason_en"].startswith("Article 2")
