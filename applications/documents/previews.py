"""A letter as its addressee will get it, before it is signed: the act itself is done, its letters are kept in mind, and all
of it is undone. So a preview cannot say anything else than the letter, and leaves nothing behind."""

import json
from collections.abc import Callable
from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from applications.accounts.refusals import heard
from applications.documents.models import Document
from applications.documents.seal_pictures import NoPicture
from applications.files import bounded
from applications.files.bounded_child import Refused
from applications.files.viewing import framed, pages_of

Act = Callable[[], object]


def drafted_letters(about: str, act: Act, *, at: datetime) -> list[Document]:
    """The letters that an act of this moment would issue in a chain, in their order, without numbers. Whatever the act
    raises is raised; either way nothing of it stays."""
    with transaction.atomic():
        try:
            act()
            issued = Document.objects.filter(about=about, issued_at=at)
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
    request: HttpRequest,
    about: str,
    act: Act | None,
    problems: list[str],
    *,
    at: datetime,
    refusals: tuple[type[Exception], ...] = (),
) -> HttpResponse:
    """The pages of the letters that an act would issue, or why there would be none; to look is no act, so neither is
    refused. ``act`` None: the form has ``problems``. ``refusals``: what the act raises beside ValidationError."""
    shown: list[tuple[str, list[str]]] = []
    if act is not None:
        try:
            with heard():
                letters = drafted_letters(about, act, at=at)
        except ValidationError as refused:
            problems = list(refused.messages)
        except refusals as refused:
            problems = list(getattr(refused, "problems", None) or [str(refused)])
        else:
            # WeasyPrint and its libraries are loaded only by who renders.
            from applications.documents.rendering import render_draft

            try:
                shown = [
                    (str(letter.get_kind_display()), pages_of(render_draft(letter))) for letter in letters
                ]
            except (bounded.OverBudget, bounded.NotExamined, Refused, NoPicture):
                problems = [_("文书暂时不能预览，请稍后再试。")]
    context = {"about": about, "letters": shown, "problems": problems}
    return framed(render(request, "documents/preview.html", context))
