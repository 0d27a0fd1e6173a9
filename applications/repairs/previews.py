"""A letter as its addressee will get it, before it is signed: the act itself is done, its letters are kept in mind, and all
of it is undone. So a preview cannot say anything else than the letter, and leaves nothing behind."""

import json
from collections.abc import Callable
from datetime import datetime

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from applications.accounts.refusals import heard
from applications.documents.models import Document
from applications.files import bounded
from applications.files.bounded_child import Refused
from applications.files.viewing import framed, pages_of
from applications.repairs.errors import NotReady, StaleCase
from applications.repairs.models import RepairCase
from rules.procedure import IllegalAction

Act = Callable[[], object]


def drafted_letters(case: RepairCase, act: Act, *, at: datetime) -> list[Document]:
    """The letters that an act of this moment would issue in a case, in their order, without numbers. Whatever the act
    raises is raised; either way nothing of it stays."""
    with transaction.atomic():
        try:
            act()
            issued = Document.objects.filter(about=case.number, issued_at=at)
            letters = list(issued.select_related("organ").order_by("kind"))
        finally:
            transaction.set_rollback(True)
    return [_without_numbers(letter, {each.number for each in letters}) for letter in letters]


def _without_numbers(letter: Document, numbers: set[str]) -> Document:
    """Numbers are taken when the letter is issued; another may be quicker."""
    from applications.documents.rendering import DRAFTED

    content = json.dumps(letter.content, ensure_ascii=False)
    for number in numbers:
        content = content.replace(number, DRAFTED)
    letter.number, letter.content = DRAFTED, json.loads(content)
    return letter


def letter_page(
    request: HttpRequest, case: RepairCase, act: Act | None, problems: list[str], *, at: datetime
) -> HttpResponse:
    """The pages of the letters that an act would issue, or why there would be none; to look is no act, so neither is
    refused. ``act`` None: the form has ``problems``."""
    shown: list[tuple[str, list[str]]] = []
    if act is not None:
        try:
            with heard():
                letters = drafted_letters(case, act, at=at)
        except NotReady as lacking:
            problems = list(lacking.problems)
        except (StaleCase, IllegalAction) as late:
            problems = [str(late)]
        else:
            # WeasyPrint and its libraries are loaded only by who renders.
            from applications.documents.rendering import render_draft

            try:
                shown = [
                    (str(letter.get_kind_display()), pages_of(render_draft(letter))) for letter in letters
                ]
            except (bounded.OverBudget, bounded.NotExamined, Refused):
                problems = [_("文书暂时不能预览，请稍后再试。")]
    context = {"case": case, "letters": shown, "problems": problems}
    return framed(render(request, "admin/repairs/letter.html", context))
