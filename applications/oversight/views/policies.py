"""Trying a policy, proposing it, and deciding on the proposal by a second person."""

import json
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from applications.accounts.forms import add_fault, fault_in_words
from applications.accounts.four_eyes import NotProposed
from applications.files.responses import file_response
from applications.oversight import services
from applications.oversight.comparing import VERDICTS
from applications.oversight.forms import ProposalForm, RejectionForm, ReplayForm
from applications.oversight.models import ReplayRun
from applications.oversight.replaying import KINDS
from applications.oversight.views.decorators import for_adopters, for_overseers, user_of
from applications.policies import services as policies
from applications.policies.access import may_adopt, may_decide
from applications.policies.completeness import gaps_of
from applications.policies.models import PolicyAdoption
from applications.policies.selectors import adoption_in_force, policy_by_digest, policy_in_force
from rules.day_words import day_in_words
from rules.eligibility import OUTCOMES
from rules.errors import InputError
from rules.instruments import CONDITIONS
from rules.policy import load_policies
from rules.procedure import CLOCK_LABELS


def shown_report(report: dict[str, Any]) -> dict[str, Any]:
    """A stored report with words in place of codes, for the table of the page."""
    return {
        **report,
        "verdicts": list(VERDICTS.values()),
        "kinds": [
            (KINDS[kind], counted["all"], [(VERDICTS[verdict], counted[verdict]) for verdict in VERDICTS])
            for kind, counted in report["totals"].items()
        ],
        "moved": [
            (OUTCOMES[line["before"]], OUTCOMES[line["after"]], line["count"]) for line in report["moves"]
        ],
    }


@require_safe
@for_overseers
def overview(request: HttpRequest) -> HttpResponse:
    """Which policy applies, what was proposed and decided, and what was tried."""
    today = timezone.localdate()
    adopter = may_adopt(user_of(request))
    return render(
        request,
        "oversight/policies.html",
        {
            "policy": policy_in_force(on=today),
            "adoption": adoption_in_force(today),
            "adoptions": PolicyAdoption.objects.select_related("proposed_by", "decided_by"),
            "shipped": [(policy, gaps_of(policy)) for policy in load_policies()],
            "may_adopt": adopter,
            "runs": ReplayRun.objects.select_related("requested_by")[:20] if adopter else [],
        },
    )


@require_http_methods(["GET", "POST"])
@for_adopters
def try_policy(request: HttpRequest) -> HttpResponse:
    """Ask for a replay."""
    form = ReplayForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        assert form.policy is not None
        run = services.request_replay(
            policy=form.policy,
            since=form.cleaned_data["since"],
            actor=user_of(request),
            at=timezone.now(),
        )
        return redirect("oversight:replay", run.pk)
    return render(request, "oversight/try.html", {"form": form}, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
@for_adopters
def replay(request: HttpRequest, run_id: int) -> HttpResponse:
    """A replay: how far it is, then its report and, where the policy is complete, the proposal."""
    run = get_object_or_404(ReplayRun.objects.select_related("text", "affected", "requested_by"), pk=run_id)
    policy = policy_by_digest(run.text_id)
    gaps = gaps_of(policy)
    may_propose = run.state == ReplayRun.State.DONE and run.since is None and not gaps
    form = ProposalForm(request.POST if request.method == "POST" else None) if may_propose else None
    status = 200
    if request.method == "POST":
        if form is None or run.report is None:
            messages.error(request, _("这次重评现在还不能作为提请采用的依据。"))
            return redirect("oversight:replay", run_id)
        if form.is_valid():
            try:
                adoption = policies.propose_adoption(
                    policy=policy,
                    starts_on=form.cleaned_data["starts_on"],
                    replay=run.report,
                    actor=user_of(request),
                    at=timezone.now(),
                )
            except InputError as error:
                add_fault(form, error)
            else:
                messages.success(request, _("已提请采用，等待另一名负责人复核。"))
                return redirect("oversight:adoption", adoption.pk)
        status = 422
    return render(
        request,
        "oversight/replay.html",
        {
            "run": run,
            "policy": policy,
            "gaps": gaps,
            "form": form,
            "report": shown_report(run.report) if run.report else None,
            "refresh": run.state in (ReplayRun.State.WAITING, ReplayRun.State.RUNNING),
        },
        status=status,
    )


@require_safe
@for_adopters
def affected(request: HttpRequest, run_id: int) -> HttpResponseBase:
    """The list of those whom the policy would affect; taking it away is noted."""
    run = get_object_or_404(
        ReplayRun.objects.select_related("text", "affected"), pk=run_id, affected__isnull=False
    )
    services.record_download(run=run, actor=user_of(request), at=timezone.now())
    assert run.affected is not None
    return file_response(run.affected)


@require_safe
@for_overseers
def adoption(request: HttpRequest, adoption_id: int) -> HttpResponse:
    return _adoption(request, adoption_id, RejectionForm())


def _adoption(request: HttpRequest, adoption_id: int, form: RejectionForm, status: int = 200) -> HttpResponse:
    found = get_object_or_404(
        PolicyAdoption.objects.select_related("text", "proposed_by", "decided_by"), pk=adoption_id
    )
    policy = policy_by_digest(found.text_id)
    return render(
        request,
        "oversight/adoption.html",
        {
            "adoption": found,
            "policy": policy,
            "text": json.dumps(policy.raw, ensure_ascii=False, indent=2),
            "severities": [
                (severity, "、".join(CONDITIONS[code] for code in severity.conditions))
                for severity in policy.severities.values()
            ],
            "clocks": [(CLOCK_LABELS[name], clock) for name, clock in policy.clocks.items()],
            "report": shown_report(found.replay),
            "form": form,
            "may_decide": found.state == PolicyAdoption.State.PROPOSED and may_decide(request.user, found),
            "own": found.proposed_by_id == request.user.pk,
        },
        status=status,
    )


@require_POST
@for_adopters
def approve(request: HttpRequest, adoption_id: int) -> HttpResponse:
    found = _for_decision(request, adoption_id)
    try:
        policies.approve_adoption(adoption=found, actor=user_of(request), at=timezone.now())
    except NotProposed as problem:
        messages.error(request, str(problem))
    except InputError as fault:
        messages.error(request, fault_in_words(fault))
    else:
        messages.success(request, _("已采用，自%(day)s起适用。") % {"day": day_in_words(found.starts_on)})
    return redirect("oversight:adoption", adoption_id)


@require_POST
@for_adopters
def reject(request: HttpRequest, adoption_id: int) -> HttpResponse:
    found = _for_decision(request, adoption_id)
    form = RejectionForm(request.POST)
    if not form.is_valid():
        return _adoption(request, adoption_id, form, status=422)
    try:
        policies.reject_adoption(
            adoption=found, reason=form.cleaned_data["reason"], actor=user_of(request), at=timezone.now()
        )
    except NotProposed as problem:
        messages.error(request, str(problem))
    else:
        messages.success(request, _("已驳回。"))
    return redirect("oversight:adoption", adoption_id)


def _for_decision(request: HttpRequest, adoption_id: int) -> PolicyAdoption:
    """A proposal that this person may decide; for its proposer there is nothing to decide."""
    return get_object_or_404(PolicyAdoption.objects.exclude(proposed_by=user_of(request)), pk=adoption_id)
