"""The English catalogue has a translation of every string that the public and applicants read, and it says the same."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "script"))

import catalogue  # noqa: E402

PLACEHOLDERS = re.compile(r"%\(\w+\)[sd]|%-?[a-zA-Z%]|\{\w*\}|</?\w+[^>]*>")
# What is typed in Chinese, and so is quoted.
QUOTED = re.compile(r"“[^”]*”|宁市监处罚〔2026〕15号|法人及非法人组织|个体工商户|自然人|duty:未履行")


@pytest.fixture(scope="module")
def translations() -> dict[catalogue.Text, list[str]]:
    """Every entry of the catalogue, with its forms."""
    return {
        entry.id if isinstance(entry.id, str) else entry.id[:2]: [entry.string]
        if isinstance(entry.string, str)
        else [*entry.string]
        for entry in catalogue.read()
        if entry.id
    }


def test_every_string_has_a_translation_and_no_other_has(translations):
    """``python script/catalogue.py`` writes what is new into the catalogue; its translation is a person's work."""
    strings = catalogue.strings()
    assert [text for text in strings if not all(translations.get(text, [""]))] == []
    assert [text for text in translations if text not in strings] == []


def test_nothing_is_marked_as_doubtful():
    assert [entry.id for entry in catalogue.read() if entry.id and entry.fuzzy] == []


def test_placeholders_and_markup_are_the_same(translations):
    def parts(text: str) -> list[str]:
        # A date is put together in another order.
        return [] if text.startswith("%-") else sorted(PLACEHOLDERS.findall(text))

    wrong = [
        (text, form)
        for text, forms in translations.items()
        for form in forms
        if parts(text if isinstance(text, str) else text[-1]) != parts(form)
    ]
    assert wrong == []


def test_translations_are_english(translations):
    found = [
        form
        for forms in translations.values()
        for form in forms
        if catalogue.CHINESE.search(QUOTED.sub("", form))
    ]
    assert found == []


def test_a_string_of_a_template_and_one_of_a_module_are_found(tmp_path):
    page = tmp_path / "page.html"
    page.write_text(
        "{% load i18n %}\n  <p title=\"{% translate '甲' %}\">{% blocktranslate with n=3 %}第{{ n }}项{% endblocktranslate %}</p>",
        encoding="utf-8",
    )
    module = tmp_path / "module.py"
    module.write_text('X = _("乙")\n', encoding="utf-8")
    assert [*catalogue.marked("page.html", page)] == ["甲", "第%(n)s项"]
    assert [*catalogue.marked("module.py", module)] == ["乙"]
