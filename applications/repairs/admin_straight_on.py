"""From the officer's own list straight to the step that a case waits for: its page shows what the case's page would."""

from datetime import date

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import URLPattern, path, reverse
from django.utils import timezone

from applications.accounts.admin_access import OrganScopedAdmin
from applications.accounts.models import User
from applications.repairs import access
from applications.repairs.admin_queue import back_to, from_queue
from applications.repairs.models import RepairCase
from applications.repairs.selectors import unsent_notice
from applications.repairs.steps import PAGES
from rules.procedure import State, Step, steps_from


def open_steps(case: RepairCase, user: User, today: date) -> list[tuple[Step, str]]:
    """The steps that this officer could take now, each with the look of its button; what leads on stands first, the others as
    in the table."""
    found = [
        (step, PAGES[step.action].look)
        for step in steps_from(case.status)
        if step.action in PAGES
        and access.may_act(user, step.role, case)
        and PAGES[step.action].is_open(case, user, today)
    ]
    return sorted(found, key=lambda button: button[1] != "primary")


class GoesStraightOn(OrganScopedAdmin[RepairCase]):
    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.straight_on_view)
        return [path("<int:pk>/straight-on/", view, name="repairs_straight_on"), *super().get_urls()]

    def straight_on_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """To the page of the step, or of the objection, that waits for this officer; where none does, to the case."""
        user = request.user
        if not isinstance(user, User) or not self.has_view_permission(request):
            raise PermissionDenied
        cases = access.visible_to(user).select_related("record__subject", "organ", "objection")
        case = get_object_or_404(cases, pk=pk)
        if case.status == State.OBJECTING and access.may_handle(user, case):
            address = reverse("admin:objections_objection_change", args=[case.objection.pk])
            return redirect(f"{address}{from_queue(request)}")
        found = open_steps(case, user, timezone.localdate())
        begun = "request_correction" if unsent_notice(case) else ""
        for step, look in sorted(found, key=lambda each: each[0].action != begun):
            # A refusal is open only where the review leads to nothing else; a notice that was begun is gone on with.
            if look == "primary" or step.action in ("refuse", begun):
                address = reverse("admin:repairs_step", args=[case.pk, step.action])
                return redirect(f"{address}{from_queue(request)}")
        return back_to(request, case)
