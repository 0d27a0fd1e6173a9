"""What people read is marked for translation, and nothing that is compared is.

The words of ``rules/`` are no part of this: it is pure Python without gettext, and its labels and sentences are data.
"""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
CHINESE = re.compile(r"[\u4e00-\u9fff]")
MARKS = {"_", *(f"{n}gettext{lazy}" for n in ("", "n", "p", "np") for lazy in ("", "_lazy", "_noop"))}
LOGS = ("log", "logger")

# Words that are Chinese whatever the language of the page, and why.
UNMARKED = {
    # What a document says does not depend on the language of whoever issues it.
    "applications/commitments/wording.py": "the text that is signed",
    "applications/documents/numbering.py": "the numbers of documents",
    "applications/documents/pades.py": "how the field of the signature is called in the file",
    "applications/documents/rendering.py": "what stands on a letter that is not issued yet, and what its pictures show",
    "applications/documents/seal.py": "the seal on documents",
    "applications/documents/templatetags/letters.py": "what letters quote",
    "applications/repairs/archive.py": "the archive of a case, which does not depend on who takes it either",
    "applications/repairs/own_files.py": "the names of the files that an applicant takes home",
    "applications/files/packing.py": "what is wrong with a file of a package, as it lies in it",
    "applications/portal/open_data/sending.py": "what stands in a file, whoever asks for it",
    "applications/portal/own_copy.py": "the names of the files that somebody takes home",
    "applications/repairs/letters.py": "what stands in letters",
    "applications/reports/composing.py": "what stands in a credit report",
    # What is kept and counted by.
    "applications/oversight/comparing.py": "the articles by which a replay counts and which it keeps",
    # The settings are read before there is a language.
    "credit_repair/environment.py": "errors of the environment",
    "credit_repair/settings.py": "errors of the environment",
    # Invented people, organs and reasons.
    "applications/rehearsal/": "a year in simulated time",
    "applications/sample/": "the generated province",
}
# Constants with words that come from files and people, or go into documents and the archive; anywhere else a
# constant with words is for people to read, and marked.
KEYS = {
    "applications/calendars/services.py": "the year in a holiday notice",
    "applications/commitments/services.py": "the reason in the register of documents",
    "applications/masking.py": "how far an address says where it is",
    "applications/organs/regions.py": "names of provinces",
    "applications/policies/forms.py": "how an article's number may be typed",
    "applications/records/fields.py": "cells of record files, which forms take too",
    "applications/records/importing/": "headings and cells of record files",
    "applications/records/services/notices.py": "a material as the notice of repair names it",
    "applications/documents/english.py": "sentences of letters, with their English",
    "applications/documents/asking.py": "how the number of a letter is written",
    "applications/documents/remedies.py": "how a court's name ends",
    "applications/repairs/assessing.py": "conditions as documents name them; the number of an article",
    "applications/repairs/steps/decline.py": "the grounds that the notice names",
    "applications/repairs/steps/grant.py": "the effects that the decision names, and who gets a copy",
    "applications/repairs/steps/revoke.py": "the effects that the decision names",
}
# Pages that are not translated.
TEMPLATES = {
    "documents/": "documents, for the same reason",
}


def listed(name: str, those: dict[str, str]) -> bool:
    return any(name.startswith(each) for each in those)


def function(call: ast.AST) -> str:
    if not isinstance(call, ast.Call):
        return ""
    return getattr(call.func, "id", getattr(call.func, "attr", ""))


def excused(tree: ast.Module, constants: bool) -> set[ast.AST]:
    """The nodes of docstrings, log calls and marked words; with ``constants``, of those of the module too."""
    found: set[ast.AST] = set()
    for node in ast.walk(tree):
        logs = isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
        if function(node) in MARKS or (logs and getattr(node.func.value, "id", "") in LOGS):
            found.update(ast.walk(node))
        elif isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            found.add(node.value)
    for node in tree.body if constants else ():
        if isinstance(node, ast.Assign | ast.AnnAssign):
            target = node.target if isinstance(node, ast.AnnAssign) else node.targets[0]
            names = target.elts if isinstance(target, ast.Tuple) else [target]
            if all(isinstance(name, ast.Name) and name.id.isupper() for name in names):
                found.update(ast.walk(node))
    return found


def unmarked(text: str, constants: bool) -> Iterator[int]:
    """The lines of a module on which Chinese stands that is not marked."""
    tree = ast.parse(text)
    fine = excused(tree, constants)
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.Constant)
            and isinstance(node.value, str)
            and CHINESE.search(node.value)
            and node not in fine
        ):
            yield node.lineno


def misused(text: str) -> Iterator[int]:
    """The lines on which a marked string is compared or looked up by, or put together before it is translated."""
    for node in ast.walk(ast.parse(text)):
        keys: list[ast.AST] = []
        if isinstance(node, ast.Compare):
            keys = [node.left, *node.comparators]
        elif isinstance(node, ast.Subscript):
            keys = [node.slice]
        elif isinstance(node, ast.Dict):
            keys = [key for key in node.keys if key]
        elif isinstance(node, ast.MatchValue):
            keys = [node.value]
        elif function(node) in ("get", "startswith", "endswith", "removeprefix", "removesuffix"):
            keys = node.args[:1]
        for key in keys:
            members = key.elts if isinstance(key, ast.Tuple | ast.List | ast.Set) else [key]
            yield from (each.lineno for each in members if function(each) in MARKS)
        if function(node) in MARKS and any(
            isinstance(part, ast.JoinedStr | ast.BinOp) for each in node.args for part in ast.walk(each)
        ):
            yield node.lineno


def modules() -> Iterator[tuple[str, str]]:
    for folder in ("applications", "credit_repair"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            if "migrations" not in path.parts:
                yield path.relative_to(ROOT).as_posix(), path.read_text(encoding="utf-8")


def test_what_people_read_is_marked_for_translation():
    assert [
        f"{name}:{line}"
        for name, text in modules()
        if not listed(name, UNMARKED)
        for line in unmarked(text, constants=listed(name, KEYS))
    ] == []


def test_the_step_that_the_readme_adds_is_marked_too():
    [step] = re.findall(r'```python\n(""".*?)```', (ROOT / "README.md").read_text(encoding="utf-8"), re.S)
    assert [*unmarked(step, constants=False)] == []


def test_marked_words_are_no_keys_and_whole_sentences():
    assert [f"{name}:{line}" for name, text in modules() for line in misused(text)] == []


def test_every_exception_is_one():
    """A module without such words any more leaves the lists."""
    texts = dict(modules())
    idle = [
        each
        for each in UNMARKED | KEYS
        if not any(
            name.startswith(each) and [*unmarked(text, constants=False)] for name, text in texts.items()
        )
    ]
    assert idle == []


@pytest.mark.parametrize(
    "line",
    [
        'messages.warning(request, "已经删除。")',
        'raise NotReady(f"申请{number}已经撤回。")',
        'LABELS = {"a": "甲"}',
        'call(_("删除"), "删除")',
    ],
)
def test_words_without_a_mark_are_found(line):
    assert {*unmarked(line, constants=False)} == {1}


@pytest.mark.parametrize(
    "line",
    [
        'text == _("长期")',
        'text in (_("公示"), "0")',
        'labels[_("公示")]',
        'labels.get(gettext("公示"))',
        'LABELS = {gettext_lazy("公示"): 1}',
        '_(f"申请{number}已经撤回。")',
        '_("申请%s已经撤回。" % number)',
    ],
)
def test_marked_keys_and_halves_of_sentences_are_found(line):
    assert [*misused(line)] == [1]


def bare(template: str) -> list[str]:
    """The Chinese of a template that is in no tag of translation."""
    for aside in (
        r"\{#.*?#\}",
        r"\{%\s*comment\b.*?\{%\s*endcomment\s*%\}",
        r"\{%\s*blocktrans(?:late)?\b.*?\{%\s*endblocktrans(?:late)?\s*%\}",
        r"\{%\s*trans(?:late)?\s.*?%\}",
        r"_\((\"[^\"]*\"|'[^']*')\)",
    ):
        template = re.sub(aside, "", template, flags=re.S)
    return re.findall(r"[\u4e00-\u9fff]+", template)


def test_what_stands_in_templates_is_marked():
    found = {
        name: words
        for path in sorted((ROOT / "templates").rglob("*"))
        if path.is_file()
        and not listed(name := path.relative_to(ROOT / "templates").as_posix(), TEMPLATES)
        and (words := bare(path.read_text(encoding="utf-8")))
    }
    assert found == {}


def test_words_between_tags_are_found():
    assert bare('{% translate "回到首页" %}<p>已删除</p>{# 说明 #}{{ name|default:_("系统") }}') == ["已删除"]
