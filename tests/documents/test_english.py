"""The reading copy of a letter: it says what the letter says, in English, and is no document."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest
from django.conf import settings
from django.urls import reverse
from lxml import html

from applications.documents.english import in_english
from applications.documents.models import READING_COPIES, Document
from applications.ledger.models import Event
from applications.repairs import letters
from applications.repairs.steps import decline, grant, revoke
from rules.facts import PENALTIES
from rules.instruments import CONDITIONS
from rules.materials import TABLE
from rules.remedies import sentence
from tests.documents.contents import OWN
from tests.english.pages import chinese_in
from tests.pages import text
from tests.repairs.steps import refused

pytestmark = pytest.mark.django_db

TEMPLATES = Path(settings.BASE_DIR) / "templates" / "documents"
TAG = re.compile(r"\{[{%].*?[%}]\}", re.DOTALL)
# Tags, and what a letter has for its own look.
OF_ANY_TEMPLATE = {
    *("block", "endblock", "extends", "load", "include", "with", "if", "elif", "else", "endif", "for", "in", "endfor", "and"),
    *("or", "not", "True", "dates", "letters", "basis", "due_date", "empty", "title", "number", "issuer", "style", "heading"),
    *("forloop.counter", "forloop.first", "forloop.last", "names_record"),
}  # fmt: skip


def page_of(client, user, document):
    client.force_login(user)
    return client.get(reverse("documents:english", args=[document.pk]))


def seen(page) -> str:
    """The words of a page as they are read, each space one."""
    return " ".join(html.fromstring(text(page)).text_content().split())


def facts_in(name: str) -> set[str]:
    """The facts that a template and what it includes ask for."""
    source = (TEMPLATES / name).read_text(encoding="utf-8")
    found = set()
    for tag in TAG.findall(source):
        if included := re.match(r'\{% include "documents/([^"]+\.html)"', tag):
            found |= facts_in(included[1])
        bare = re.sub(r'"[^"]*"|\|\w+', "", tag)
        found |= {*re.findall(r"(?<![\w.])[a-z]\w*(?:\.\w+)*", bare)}
    return found


@pytest.mark.parametrize("kind", sorted(READING_COPIES))
def test_a_copy_asks_for_every_fact_that_the_letter_asks_for(kind):
    """A fact that is added to a letter is added to its copy."""
    copy = facts_in(f"english/{kind}.html") | facts_in("english/letter.html")
    assert facts_in(f"{kind}.html") - copy - OF_ANY_TEMPLATE == set()


@pytest.mark.parametrize("path", sorted((TEMPLATES / "english").glob("*.html")), ids=lambda path: path.stem)
def test_a_copy_has_no_chinese_of_its_own(path):
    assert not re.search(
        r"[\u3000-\u303f\u4e00-\u9fff\uff00-\uffef]", TAG.sub("", path.read_text(encoding="utf-8"))
    )


@pytest.mark.parametrize("kind", sorted(READING_COPIES))
def test_every_letter_has_a_copy_that_says_what_it_is(client, issue, li, kind):
    assert {*READING_COPIES} | {"commitment", "credit_report"} >= {*OWN}
    document = issue(kind)
    page = page_of(client, li, document)
    assert page.status_code == 200
    assert page["Content-Language"] == "en"
    assert '<html lang="en"' in text(page)
    assert chinese_in(text(page)) == []
    said = seen(page)
    assert "Unofficial translation, for information only. The Chinese document alone has legal effect" in said
    assert document.number in said
    code = document.verification_code
    assert "-".join(code[i : i + 4] for i in (0, 4, 8, 12)) in said
    # Nothing is a name of a place that nothing fills.
    assert "None" not in said


def test_a_copy_changes_and_keeps_nothing(client, notice, li):
    before, pdf = Document.objects.values().get(), notice.pdf.sha256
    assert page_of(client, li, notice).status_code == 200
    assert Document.objects.values().get() == before
    assert Document.objects.get().pdf.sha256 == pdf


def test_an_officer_who_reads_a_copy_leaves_a_trace(client, notice, li):
    page_of(client, li, notice)
    event = Event.objects.get(verb="document.read")
    assert (event.payload["about"], event.actor) == (notice.about, li)


@pytest.mark.parametrize("stranger", ["charlie", "alice", "outsider"])
def test_for_anybody_else_it_does_not_exist(client, notice, stranger, request):
    assert page_of(client, request.getfixturevalue(stranger), notice).status_code == 404
    assert not Event.objects.filter(verb="document.read").exists()


def test_a_visitor_is_asked_to_sign_in(client, notice):
    answer = client.get(reverse("documents:english", args=[notice.pk]))
    assert answer.status_code == 302
    assert "/accounts/login/" in answer.url


def test_there_is_none_of_a_commitment(client, issue, li):
    assert page_of(client, li, issue("commitment")).status_code == 404


def test_a_copy_of_a_void_letter_says_so(client, issue, li):
    document = issue()
    Document.objects.filter(pk=document.pk).update(
        status="void", void_reason="误发", voided_at=document.issued_at
    )
    assert "The document was declared void on 2 December 2026." in seen(page_of(client, li, document))


def test_a_refusal_is_read_in_english_by_its_applicant(
    client, general_record, market_bureau, alice, wang, li, zhao
):
    case = refused(general_record, market_bureau, alice, wang, li, zhao)
    letter = Document.objects.get(kind="refusal_decision")
    client.force_login(alice)
    status = client.get(reverse("repairs:status", args=[case.number]))
    assert "英文参考译文" in seen(status)
    assert reverse("documents:english", args=[letter.pk]) in text(status)
    said = seen(page_of(client, alice, letter))
    assert "Article 4: Duties not yet fulfilled" in said
    assert "How to meet it: Fulfil" in said
    assert "What the examination found: 缴款凭证金额与决定书不符。 (in Chinese in the original)" in said
    assert "Once the conditions above are met, one may apply again" in said
    # What nobody translated: the officer's words, the conduct as the unit described it, remedies as it once worded them.
    assert said.count("(in Chinese in the original)") == 3


def test_the_page_of_a_refusal_quotes_it_in_the_reader_s_language(
    client, general_record, market_bureau, alice, wang, li, zhao
):
    case = refused(general_record, market_bureau, alice, wang, li, zhao)
    client.force_login(alice)
    page = client.get(reverse("repairs:status", args=[case.number]), headers={"Accept-Language": "en"})
    assert "Article 4: Duties not yet fulfilled" in seen(page)
    assert "缴款凭证金额与决定书不符。" in seen(page)


def words_of_letters() -> list[str]:
    """Every sentence and label that letters are given as words."""
    steps = [decline, grant, revoke]
    own = [
        value
        for module in steps
        for name, value in vars(module).items()
        if name.isupper() and isinstance(value, str) and re.search(r"[\u4e00-\u9fff]", value)
    ]
    filled = [
        each.format(last="2027年5月1日", day="2027年5月1日", number="宁市监信修承〔2026〕12号")
        for each in own
    ]
    other = [each % {"organ": "某局"} for pair in decline.WORDS.values() for each in pair]
    return [
        *(each for each in filled if "%(" not in each),
        *grant.EFFECTS,
        *other,
        other[1] + decline.PHONE % {"phone": "025-1"},
        *(sentence(authority, court) for authority in ("", "某市人民政府") for court in ("", "某人民法院")),
        *CONDITIONS.values(),
        *(each.names for each in TABLE),
        *letters.FINDING_LABELS.values(),
        "、".join(PENALTIES.values()),
        "第十三条",
        "1年",
        "3个月",
    ]


def test_every_sentence_that_letters_are_given_has_its_english():
    assert [each for each in words_of_letters() if in_english(each) is None] == []


class Assessed:
    """What how_to_apply_again asks of an assessment."""

    def __init__(self, outcome: str, bar: date | None, earliest: date | None) -> None:
        self.outcome, self.bar_ends_on, self.earliest_on, self.on = outcome, bar, earliest, date(2026, 12, 2)


@pytest.mark.parametrize("outcome", ["out_of_scope", "not_needed", "barred", "not_yet"])
@pytest.mark.parametrize("bar", [None, date(2029, 5, 1)])
@pytest.mark.parametrize("earliest", [None, date(2027, 2, 2)])
def test_how_to_apply_again_has_its_english(outcome, bar, earliest):
    said = in_english(letters.how_to_apply_again(Assessed(outcome, bar, earliest)))
    assert said
    assert not re.search(r"[\u4e00-\u9fff]", said)


def test_an_officer_s_words_have_none():
    assert in_english("收据只载明2000元，请补缴。") is None
