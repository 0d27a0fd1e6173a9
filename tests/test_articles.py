"""docs/notice.md: every article of the Notice has the one file that carries it, and the file says so."""

import ast
import re
from pathlib import Path

import pytest

from rules.articles import article_number

ROOT = Path(__file__).resolve().parents[1]


def rows() -> list[tuple[int, str]]:
    text = (ROOT / "docs/notice.md").read_text(encoding="utf-8")
    found = re.findall(r"^\| ([一二三四五六七八九十]+) \|.*\| `([^`]+)` \|$", text, re.M)
    return [(article_number(numeral), file) for numeral, file in found]


def articles_of(file: str) -> set[int]:
    """The articles that the docstrings of a file name: "Article 7", "Articles 4 to 6 and 18", "Articles 7–9"."""
    found = set()
    for node in ast.walk(ast.parse((ROOT / file).read_text(encoding="utf-8"))):
        if not isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef):
            continue
        for named in re.findall(
            r"\bArticles? (\d+(?:(?:,? and |, | to |–)\d+)*)", ast.get_docstring(node) or ""
        ):
            for first, last in re.findall(r"(\d+)(?:(?: to |–)(\d+))?", named):
                found |= set(range(int(first), int(last or first) + 1))
    return found


def test_the_table_has_each_article_of_the_notice_once():
    assert [number for number, _ in rows()] == list(range(1, 20))


@pytest.mark.parametrize(("number", "file"), rows())
def test_the_file_names_its_article(number, file):
    assert (ROOT / file).is_file(), f"{file} does not exist: correct docs/notice.md"
    assert number in articles_of(file), f"no docstring of {file} names Article {number}"
