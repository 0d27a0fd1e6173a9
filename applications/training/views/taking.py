"""Taking part: begin, read, the quiz and its answer; enrol and give up; what is one's own."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from applications.accounts.http import SignedInRequest, whole_number
from applications.accounts.models import User
from applications.documents.services import Unprintable
from applications.files.bodies import takes_files
from applications.subjects.access import subjects_of
from applications.training.access import certificates_of, enrolments_of, studies_of
from applications.training.errors import NotPossible
from applications.training.forms import ForWhomForm, OutsideForm
from applications.training.models import Enrolment, Organiser, Study
from applications.training.selectors import latest_of
from applications.training.services import attending, certificates, studying
from applications.training.views.offers import (
    course_page,
    for_whom,
    meeting_page,
    published_course,
    published_meeting,
)

A_PAGE = 20


def person_of(request: HttpRequest) -> User:
    """The signed-in person, who takes part privately: officers organise."""
    if not isinstance(request.user, User) or request.user.is_staff:
        raise PermissionDenied
    return request.user


def _asked(request: HttpRequest) -> tuple[User, ForWhomForm]:
    user, form = person_of(request), for_whom(request)
    assert form is not None
    return user, form


@login_required
@require_safe
def mine(request: SignedInRequest) -> HttpResponse:
    """What the person takes, where he or she is enrolled, and the certificates."""
    user = person_of(request)
    enrolments = enrolments_of(user).exclude(state=Enrolment.State.CANCELLED)
    held = Paginator(certificates_of(user).order_by("-id"), A_PAGE).get_page(request.GET.get("page"))
    context = {
        # What was passed stands among the certificates, but where that is still to be made.
        "studies": studies_of(user).filter(certificate=None)[:A_PAGE],
        "enrolments": enrolments.order_by("-meeting__starts_at", "-id")[:A_PAGE],
        "page": held,
        "now": timezone.now(),
        "outside": Organiser.objects.filter(active=True).exists(),
    }
    return render(request, "training/mine.html", context)


# -- On line


@login_required
@require_http_methods(["GET", "POST"])
def begin(request: SignedInRequest, pk: int) -> HttpResponse:
    """Sent from the page of the course, which whoever had to sign in first comes back to."""
    if request.method == "GET":
        return redirect("training:course", pk)
    (user, form), course = _asked(request), published_course(pk)
    if not form.is_valid():
        return course_page(request, course, form)
    try:
        study = studying.begin_study(
            course=course, subject=form.cleaned_data["subject"], person=user, at=timezone.now()
        )
    except NotPossible as refused:
        return course_page(request, course, form, str(refused))
    return redirect("training:study", study.pk)


def _own_study(request: SignedInRequest, pk: int) -> Study:
    return get_object_or_404(studies_of(person_of(request)), pk=pk)


@login_required
@require_safe
def study(request: SignedInRequest, pk: int) -> HttpResponse:
    """Where the person is: the first chapter that is not read, the quiz, or its answer."""
    found = _own_study(request, pk)
    if found.passed_at:
        return redirect("training:result", pk)
    if found.all_read:
        return redirect("training:quiz", pk)
    return redirect("training:chapter", pk, found.chapters_read + 1)


@login_required
@require_http_methods(["GET", "POST"])
def chapter(request: SignedInRequest, pk: int, number: int) -> HttpResponse:
    """One chapter. It is read when its button is pressed; what was read can be read again."""
    found = _own_study(request, pk)
    chapters = found.edition.chapters
    if not 1 <= number <= len(chapters):
        raise Http404
    if number > found.chapters_read + 1:
        messages.warning(request, _("请按次序学习：先读完前面的一章。"))
        return redirect("training:study", pk)
    if request.method == "POST":
        studying.read_chapter(study=found, number=number)
        if number < len(chapters):
            return redirect("training:chapter", pk, number + 1)
        return redirect("training:study", pk)
    context = {
        "study": found,
        "chapter": chapters[number - 1],
        "number": number,
        "chapters": list(enumerate(chapters, 1)),
        "last": number == len(chapters),
        "percent": 100 * found.chapters_read // len(chapters),
        "organ": found.course.organ,
    }
    return render(request, "training/chapter.html", context)


@login_required
@require_http_methods(["GET", "POST"])
def quiz(request: SignedInRequest, pk: int) -> HttpResponse:
    """All questions on one page. What is handed in twice is answered by the same page."""
    found = _own_study(request, pk)
    if found.passed_at:
        return redirect("training:result", pk)
    if not found.all_read:
        messages.warning(request, _("读完各章以后才能测验。"))
        return redirect("training:study", pk)
    questions = found.edition.questions
    chosen = [whole_number(request.POST.get(f"q{at}", "")) or 0 for at in range(len(questions))]
    tries = whole_number(request.POST.get("tries", ""))
    problem = ""
    if request.method == "POST":
        try:
            done = studying.hand_in(
                study=found,
                answers=chosen,
                tries=found.tries if tries is None else tries,
                at=timezone.now(),
            )
        except NotPossible as refused:
            problem = str(refused)
        else:
            if done.passed_at:
                _issue(request, done)
            return redirect("training:result", pk)
    context = {
        "study": found,
        "edition": found.edition,
        "questions": [
            {
                "number": at + 1,
                "name": f"q{at}",
                "text": question["text"],
                "options": [
                    (value, text, value == chosen[at]) for value, text in enumerate(question["options"], 1)
                ],
                "open": bool(problem) and not 0 < chosen[at] <= len(question["options"]),
            }
            for at, question in enumerate(questions)
        ],
        "problem": problem,
        "organ": found.course.organ,
    }
    return render(request, "training/quiz.html", context, status=422 if problem else 200)


def _issue(request: SignedInRequest, study: Study) -> None:
    """The certificate of what was passed; why there is none yet is said on the page that comes."""
    try:
        certificates.issue_for_study(study=study, at=timezone.now())
    except (Unprintable, NotPossible) as refused:
        words = refused.messages if isinstance(refused, ValidationError) else [str(refused)]
        messages.warning(request, "".join(words))


@login_required
@require_safe
def result(request: SignedInRequest, pk: int) -> HttpResponse:
    """What was right and why, of the last time; the certificate of who passed."""
    found = _own_study(request, pk)
    if not found.tries:
        return redirect("training:study", pk)
    marked = [
        {
            "number": at,
            "text": question["text"],
            "answer": question["options"][answer - 1],
            "right": question["options"][question["right"] - 1],
            "correct": answer == question["right"],
            "why": question["why"],
        }
        for at, (question, answer) in enumerate(zip(found.edition.questions, found.answers, strict=True), 1)
    ]
    context = {
        "study": found,
        "edition": found.edition,
        "marked": marked,
        "certificate": latest_of(found),
        "organ": found.course.organ,
    }
    return render(request, "training/result.html", context)


@login_required
@require_POST
def certificate(request: SignedInRequest, pk: int) -> HttpResponse:
    """Once more, where it could not be issued when the quiz was passed."""
    found = _own_study(request, pk)
    _issue(request, found)
    return redirect("training:result" if found.passed_at else "training:study", pk)


# -- On site


@login_required
@require_http_methods(["GET", "POST"])
def enrol(request: SignedInRequest, pk: int) -> HttpResponse:
    if request.method == "GET":
        return redirect("training:meeting", pk)
    (user, form), meeting = _asked(request), published_meeting(pk)
    if not form.is_valid():
        return meeting_page(request, meeting, form)
    try:
        attending.enrol(meeting=meeting, subject=form.cleaned_data["subject"], person=user, at=timezone.now())
    except NotPossible as refused:
        return meeting_page(request, published_meeting(pk), form, str(refused))
    messages.success(request, _("已报名。不能参加的，请在开始前取消，把名额让给别人。"))
    return redirect("training:meeting", pk)


@login_required
@require_POST
def give_up(request: SignedInRequest, pk: int) -> HttpResponse:
    enrolment = get_object_or_404(enrolments_of(person_of(request)), pk=pk)
    try:
        attending.give_up(enrolment=enrolment, at=timezone.now())
    except NotPossible as refused:
        messages.warning(request, str(refused))
    else:
        messages.success(request, _("已取消报名。"))
    return redirect("training:meeting", enrolment.meeting_id)


# -- Elsewhere


@takes_files(megabytes=10)
@login_required
@require_http_methods(["GET", "POST"])
def outside(request: SignedInRequest) -> HttpResponse:
    """Hand in the certificate of another organiser."""
    user = person_of(request)
    subjects = subjects_of(user).order_by("name", "pk")
    posted = (request.POST, request.FILES) if request.method == "POST" else (None, None)
    form = OutsideForm(*posted, user=user, subjects=subjects, initial={"person_name": user.name})
    if request.method == "POST" and form.is_valid():
        try:
            made = certificates.record_outside(**form.cleaned_data, person=user, at=timezone.now())
        except ValidationError as refused:
            form.add_error(None, refused)
        else:
            messages.success(
                request,
                _("已登记，等待%(organ)s对照扫描件核对，结果会通知您。") % {"organ": made.organ},
            )
            return redirect("training:mine")
    form.keep_files()
    status = 422 if form.errors else 200
    return render(request, "training/outside.html", {"form": form, "subjects": subjects}, status=status)
