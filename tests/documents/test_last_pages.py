"""No page has only whom to ask, the seal and the proof: the last words of the text stand there too (GB/T 9704)."""

from collections.abc import Iterator

import pytest

from applications.documents.rendering import lay_out
from tests.documents.contents import OWN

pytestmark = pytest.mark.django_db

NO_TEXT = {"closing", "contact", "copies", "footer"}


def lines(box, names: frozenset[str] = frozenset()) -> Iterator[str]:
    """The text of a page's boxes, but for what no letter consists of."""
    element = getattr(box, "element", None)
    if hasattr(element, "get"):
        names |= {*element.get("class", "").split(), element.get("id", "")}
    if names & NO_TEXT:
        return
    if hasattr(box, "text") and element is not None:
        yield box.text
    for child in getattr(box, "children", ()):
        yield from lines(child, names)


def last_page(document) -> str:
    return "".join(lines(lay_out(document).pages[-1]._page_box))


@pytest.mark.parametrize("kind", sorted(OWN))
def test_the_last_page_of_every_kind_has_text(issue, kind):
    assert last_page(issue(kind))


# A line has 28 characters and a page 22 lines: wherever the text ends on the page.
@pytest.mark.parametrize("length", range(28, 28 * 23, 56))
def test_wherever_the_text_ends_the_last_page_has_text(issue, length):
    assert last_page(issue("termination_notice", reason="字" * length, remedies=""))


def test_a_very_long_text_flows_over_its_pages(issue):
    document = issue("termination_notice", reason="字" * 3000)
    pages = lay_out(document).pages
    assert len(pages) >= 6 and last_page(document)
    assert all("".join(lines(page._page_box)) for page in pages)
