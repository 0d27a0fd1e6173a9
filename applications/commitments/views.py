"""The public list of commitments, and those of the subjects that somebody acts for (Article 15)."""

from dataclasses import dataclass

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_safe

from applications.accounts.http import SignedInRequest, whole_number
from applications.accounts.limits import Limit, address_of, begin
from applications.commitments import access, promising, selectors
from applications.commitments.forms import ListForm, PromiseForm
from applications.commitments.models import Commitment
from applications.commitments.services import may_be_public
from applications.commitments.signing import expected_signatory, reliability
from applications.commitments.wording import own_text, text_digest
from applications.subjects.access import subjects_of
from applications.subjects.selectors import city_of_subject

SEARCHES = Limit("commitments", times=30, seconds=60)
SHOWN = 50
# Whoever wants to see more says more.
PAGES = 100


@dataclass(frozen=True)
class Listed:
    """A page of the list; ``more``: there is a next one. ``many``: not all of that name are looked at."""

    commitments: list[Commitment]
    number: int
    more: bool
    many: bool = False


@require_safe
def public_list(request: HttpRequest) -> HttpResponse:
    """The public commitments, the latest first, narrowed by type, organ, state and day. Robots index none of it."""
    form = ListForm(request.GET or None)
    found, status = None, 200
    if form.is_bound and form.is_valid() and form.cleaned_data["q"]:
        asking = begin(SEARCHES, address_of(request))
        if not asking.admitted:
            form.add_error(
                None,
                _("查询过于频繁：同一网络每分钟最多查询%(times)d次。请在%(wait)d秒后再点“查询”。")
                % {"times": SEARCHES.times, "wait": asking.wait},
            )
            status = 429
    if not form.is_bound or form.is_valid():
        found = _listed(form, whole_number(request.GET.get("page", "")) or 1)
    asked = request.GET.copy()
    asked.pop("page", None)
    context = {"form": form, "found": found, "asked": asked.urlencode()}
    response = render(request, "commitments/list.html", context, status=status)
    response["X-Robots-Tag"] = "noindex, nofollow"
    return response


def _listed(form: ListForm, number: int) -> Listed:
    said = form.cleaned_data if form.is_bound else {}
    state, q = said.get("state", ""), said.get("q", "")
    rows = selectors.narrowed(
        kind=said.get("kind", ""),
        organ=said["organ"].pk if said.get("organ") else None,
        broken={"kept": False, "broken": True}.get(state),
        since=said.get("since"),
        until=said.get("until"),
    )
    many = False
    if q:
        subjects = selectors.subjects_called(q, persons=False)
        many = len(subjects) > selectors.SUBJECTS
        rows = rows.filter(subject__in=subjects[: selectors.SUBJECTS])
    number = min(number, PAGES)
    start = (number - 1) * SHOWN
    # Without a count: that would read the whole list for each page.
    page = list(rows[start : start + SHOWN + 1])
    return Listed(page[:SHOWN], number, more=len(page) > SHOWN and number < PAGES, many=many)


@require_safe
def public_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """One public commitment: what its signatory agreed to show. It leads to no record and to no document."""
    commitment = get_object_or_404(selectors.published(), pk=pk)
    response = render(request, "commitments/detail.html", {"commitment": commitment})
    response["X-Robots-Tag"] = "noindex, nofollow"
    return response


@login_required
@require_GET
def own(request: SignedInRequest) -> HttpResponse:
    """The commitments of the subjects that somebody acts for, and where one can promise."""
    subjects = list(subjects_of(request.user).order_by("pk"))
    rows: QuerySet[Commitment] = selectors.own_commitments([each.pk for each in subjects])
    listed = list(rows[: SHOWN + 1])
    context = {
        "commitments": [(each, access.may_withdraw(request.user, each)) for each in listed[:SHOWN]],
        "subjects": subjects,
        "most": SHOWN if len(listed) > SHOWN else None,
    }
    return render(request, "commitments/own.html", context)


@login_required
@require_http_methods(["GET", "POST"])
def promise(request: SignedInRequest, subject_id: int) -> HttpResponse:
    """The text, what the public will see, and the signature."""
    subject = get_object_or_404(subjects_of(request.user), pk=subject_id)
    may = access.may_promise(request.user, subject)
    form = PromiseForm(request.POST or None, user=request.user, region=city_of_subject(subject))
    if request.method == "POST":
        if not may:
            raise PermissionDenied
        if form.is_valid():
            try:
                promising.make_promise(
                    subject=subject,
                    organ=form.cleaned_data["organ"],
                    actor=request.user,
                    at=timezone.now(),
                    shown_sha256=request.POST.get("shown", ""),
                )
            except ValidationError as refused:
                form.add_error(None, refused.messages)
            else:
                messages.success(request, _("信用承诺已经签署，并已公示。"))
                return redirect("commitments:own")
    paragraphs = own_text(subject)
    return render(
        request,
        "commitments/promise.html",
        {
            "subject": subject,
            "form": form,
            "paragraphs": paragraphs,
            "shown": text_digest(paragraphs),
            "may": may,
            "minor": not may_be_public(subject, timezone.now()),
            "standing": promising.standing_promise(subject),
            "expected": expected_signatory(subject),
            "reliability": reliability("account"),
        },
        status=409 if form.non_field_errors() else 200,
    )


@login_required
@require_http_methods(["GET", "POST"])
def withdraw(request: SignedInRequest, pk: int) -> HttpResponse:
    """Asks once more, and ends the publication."""
    commitment = get_object_or_404(
        selectors.own_commitments(subjects_of(request.user).values_list("pk", flat=True)), pk=pk
    )
    if request.method == "POST":
        try:
            promising.withdraw_publication(commitment=commitment, actor=request.user, at=timezone.now())
        except ValidationError as refused:
            messages.warning(request, "".join(refused.messages))
        else:
            messages.success(request, _("已撤回公示，公众不再看到这份信用承诺。"))
        return redirect("commitments:own")
    may = access.may_withdraw(request.user, commitment)
    return render(
        request,
        "commitments/withdraw.html",
        {"commitment": commitment, "may": may},
        status=200 if may else 409,
    )
