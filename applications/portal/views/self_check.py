"""May I apply, and from which day? Answered without an account; nothing is stored."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from applications.documents.templatetags.dates import zh_day
from applications.language import of_both
from applications.policies.facts_in_words import in_words
from applications.portal.calendar_file import first_day_file
from applications.portal.self_check.answers import Answers, BrokenLink
from applications.portal.self_check.conclusion import conclude
from applications.portal.self_check.questions import QUESTIONS, Question
from rules.explanation import Clause, Explanation, Reason, explain

View = Callable[..., HttpResponse]


def _url(name: str, answers: Answers, *args: str, **query: str) -> str:
    """The address of a page of the self-check, with the answers in it."""
    query = {"s": answers.token, **query} if answers.token else query
    return reverse(name, args=args) + (f"?{urlencode(query)}" if query else "")


def _question_url(question: type[Question], answers: Answers) -> str:
    return _url("portal:check_question", answers, question.slug)


def _next_url(answers: Answers) -> str:
    question = answers.next_question
    return _question_url(question, answers) if question else _url("portal:check_result", answers)


def _with_answers(view: View) -> View:
    """Hand the answers in the address to a view; an address that cannot be read gets a page that says so."""

    @wraps(view)
    def wrapped(request: HttpRequest, **kwargs: Any) -> HttpResponse:
        try:
            answers = Answers.from_token(request.GET.get("s", ""), timezone.localdate())
        except BrokenLink:
            return render(request, "portal/check_broken.html", status=400)
        response = view(request, answers, **kwargs)
        response["X-Robots-Tag"] = "noindex"
        return response

    return require_safe(wrapped)


def _complete(view: View) -> View:
    """For what needs every answer: otherwise the first open question is shown."""

    @wraps(view)
    def wrapped(request: HttpRequest, answers: Answers) -> HttpResponse:
        return redirect(_next_url(answers)) if answers.next_question else view(request, answers)

    return _with_answers(wrapped)


@_with_answers
def question(request: HttpRequest, answers: Answers, slug: str = QUESTIONS[0].slug) -> HttpResponse:
    """One question; an answer leads to the first one that is still open, or to the result."""
    slugs = [each.slug for each in QUESTIONS]
    if slug not in slugs:
        raise Http404
    place = slugs.index(slug)
    # A question may be answered when all before it are.
    if any(each.slug not in answers.valid for each in QUESTIONS[:place]):
        return redirect(_next_url(answers))
    asked = QUESTIONS[place]
    if "answered" in request.GET:
        form = answers.answered(asked, request.GET)
        if form.is_valid():
            return redirect(_next_url(answers.with_answer(form, request.GET)))
    else:
        form = answers.blank(asked)
    form.prepare(answers.token, reverse("portal:check_question", args=[slug]))
    context = {
        "form": form,
        "number": place + 1,
        "count": len(QUESTIONS),
        "back": _question_url(QUESTIONS[place - 1], answers) if place else reverse("portal:home"),
        "policy": answers.policy,
    }
    return render(request, "portal/check_question.html", context)


@dataclass(frozen=True)
class ReasonInWords:
    """A finding as the page shows it, in one language."""

    met: bool | None
    text: str
    remedy: str
    facts: list[tuple[str, str]]


@dataclass(frozen=True)
class ClauseInWords:
    label: str
    met: bool | None
    reasons: list[ReasonInWords]


def _in_words(clause: Clause) -> ClauseInWords:
    def reason_in_words(reason: Reason) -> ReasonInWords:
        facts = [(_(fact.label), in_words(fact)) for fact in reason.facts]
        return ReasonInWords(reason.met, of_both(reason, "reason"), of_both(reason, "remedy"), facts)

    return ClauseInWords(
        of_both(clause, "label"), clause.met, [reason_in_words(reason) for reason in clause.reasons]
    )


def _tree(explanation: Explanation) -> list[ClauseInWords]:
    return [_in_words(clause) for clause in explanation.clauses]


@_complete
def result(request: HttpRequest, answers: Answers) -> HttpResponse:
    """The conclusion with its reasons."""
    assessment = answers.assess()
    explanation = explain(assessment)
    tree = _tree(explanation)
    kind = answers.valid["subject"].cleaned_data["kind"]
    conditions = {finding.code for finding in assessment.findings}
    context = {
        "assessment": assessment,
        "explanation": explanation,
        "conclusion": conclude(assessment),
        "policy": answers.policy,
        "tree": tree,
        "open": [each for clause in tree for each in clause.reasons if each.met is not True],
        "answers": [
            (question.heading, answers.valid[question.slug].in_words(), _question_url(question, answers))
            for question in QUESTIONS
        ],
        "is_person": kind == "natural_person",
        "conditions": conditions,
        "json_url": _url("portal:check_json", answers),
        "ics_url": _url("portal:check_ics", answers),
        "remind_url": _url("portal:remind_address", answers),
    }
    return render(request, "portal/check_result.html", context)


@_complete
def result_json(request: HttpRequest, answers: Answers) -> JsonResponse:
    """Facts, assessment and explanation for programs, as `python -m rules assess` would give them."""
    assessment = answers.assess()
    content = {
        "facts": assessment.facts.to_json(),
        "assessment": assessment.to_json(),
        "explanation": explain(assessment).to_json(),
    }
    return JsonResponse(content, json_dumps_params={"ensure_ascii": False, "indent": 2})


@_complete
def result_ics(request: HttpRequest, answers: Answers) -> HttpResponse:
    """The first day to apply as a calendar file; without such a day to come, the result page."""
    day = conclude(answers.assess()).remember_on
    if day is None:
        return redirect(_url("portal:check_result", answers))
    return first_day_file(
        request,
        name=answers.token,
        day=day,
        summary=_("最早可以申请信用修复"),
        description=_(
            "按您自查时的回答，最早%(day)s起可以申请信用修复，各项条件都要办好。申请前请再自查一次：%(url)s\n自查结果仅供参考，不影响您提交申请的权利。"
        )
        % {"day": zh_day(day), "url": settings.SITE_URL + reverse("portal:check")},
        at=timezone.now(),
    )
