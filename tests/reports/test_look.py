"""A report is a booklet of tables: short facts share a line, and each still stands under its own label."""

import io
from datetime import date, timedelta

import pikepdf
import pytest
from weasyprint import HTML

from applications.documents import archiving
from applications.documents.rendering import data_of, lay_out, may_fetch, render_html, render_pdf
from applications.documents.templatetags.facts import rows_of_facts
from tests.documents.test_last_pages import last_page
from tests.documents.test_letters import below
from tests.fixtures import make_record

KIND, DAY = ["处罚类别", "罚款"], ["处罚决定日期", "2026年5月1日"]
BASIS = ["处罚依据", "《中华人民共和国食品安全法》第一百二十五条"]


@pytest.mark.parametrize(
    ("facts", "rows"),
    [
        ([KIND, DAY, BASIS, KIND], [[KIND, DAY], [BASIS], [KIND]]),
        # Never three, and in the order in which they are told.
        ([KIND, DAY, KIND], [[KIND, DAY], [KIND]]),
        ([KIND, BASIS, DAY], [[KIND], [BASIS], [DAY]]),
        # Lines of its own keep a fact apart, however short they are.
        ([["承诺内容", "一\n二"], DAY], [[["承诺内容", "一\n二"]], [DAY]]),
        # A code of 18 digits is as wide as nine characters.
        ([["代码", "91320100700000005X"], KIND], [[["代码", "91320100700000005X"], KIND]]),
        ([["代码", "示" * 11], KIND], [[["代码", "示" * 11]], [KIND]]),
        ([], []),
    ],
)
def test_short_facts_share_a_row(facts, rows):
    assert rows_of_facts(facts) == rows


@pytest.fixture
def records(acme, market_bureau):
    def records(number: int) -> None:
        for each in range(number):
            decided = date(2026, 8, 1) + timedelta(days=each)
            make_record(
                acme, market_bureau, document_number=f"宁市监处罚〔2026〕{each}号", decided_on=decided
            )

    return records


@pytest.mark.django_db
def test_of_two_facts_in_a_row_each_stands_under_its_own_label_and_the_head_of_the_table(issue, records):
    records(1)
    with pikepdf.open(io.BytesIO(render_pdf(issue("public").document).pdf)) as pdf:
        tables = [each for role, each in below(pdf.Root.StructTreeRoot) if role == "/Table"]
        rows = [
            [(role, each) for role, each in below(row) if role in ("/TH", "/TD")]
            for table in tables
            for role, row in below(table)
            if role == "/TR"
        ]
        shared = [row for row in rows if [role for role, _ in row] == ["/TH", "/TD"] * 2]
        headed = 0
        for (_, first), (_, fact), (_, second), (_, other) in shared:
            mine, its = list(map(str, fact.A.Headers)), list(map(str, other.A.Headers))
            assert mine[0] == str(first.ID) and its[0] == str(second.ID)
            # Below its label a fact stands under the number of the decision, which spans both.
            assert mine[1:] == its[1:]
            headed += len(mine) == 2
    # Version and moment; name, code, kind and representative; three lines of the penalty.
    assert len(shared) == 7 and headed == 3


@pytest.mark.django_db
def test_five_records_take_three_pages(issue, records):
    records(5)
    assert len(lay_out(issue("public").document).pages) == 3


@pytest.mark.django_db
@pytest.mark.parametrize("number", range(7))
def test_however_many_records_no_heading_ends_a_page_and_the_last_page_has_text(issue, records, number):
    records(number)
    document = issue("public").document
    assert last_page(document)
    for page in lay_out(document).pages:
        root = page._page_box.children[0]
        (body,) = root.children
        assert body.children[-1].element_tag != "h2"


@pytest.mark.django_db
def test_it_is_what_weasyprint_makes_of_its_text_alone(issue, records, monkeypatch):
    """Though styles and fonts are kept from one letter to the next, and each part of the file is made once."""
    records(2)
    document = issue("public").document
    alone = HTML(string=render_html(document), url_fetcher=may_fetch(document)).write_pdf(
        finisher=archiving.finish,
        pdf_identifier=document.pk.bytes,
        attachments=[data_of(document)],
        **archiving.WRITTEN,
    )
    assert render_pdf(document).pdf == alone == render_pdf(document).pdf
    monkeypatch.setattr(archiving, "_Made", lambda part: part)
    assert render_pdf(document).pdf == alone
