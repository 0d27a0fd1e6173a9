"""Many cases of the queue to one officer at once, or back to the role: when somebody leaves, is away or has too many."""

from __future__ import annotations

from typing import Any, cast

from django import forms
from django.contrib import admin, messages
from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from applications.accounts.admin_access import OrganScopedAdmin
from applications.accounts.http import whole_number
from applications.accounts.models import User
from applications.accounts.reading import note_shown
from applications.accounts.selectors import staff_of
from applications.organs.models import Organ
from applications.repairs import services
from applications.repairs.access import HANDLING_ROLES, visible_to
from applications.repairs.models import RepairCase

# As many as one sees on four pages of the queue.
MOST_AT_ONCE = 200


class HandOverForm(forms.Form):
    """``officer``: one of the organ's staff."""

    officer = forms.ModelChoiceField(
        label=gettext_lazy("交给"),
        queryset=User.objects.none(),
        error_messages={"required": gettext_lazy("请选择交给谁；要退回本岗的，请点“退回本岗全体”。")},
    )

    def __init__(self, *args: Any, organ: Organ, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        people = staff_of(organ, *HANDLING_ROLES).values("pk")
        field = cast("forms.ModelChoiceField[User]", self.fields["officer"])
        # Who never set a password cannot come (access.may_handle).
        able = User.objects.exclude(password__startswith=UNUSABLE_PASSWORD_PREFIX)
        field.queryset = able.filter(pk__in=people).order_by("name", "pk")


class HandsOver(OrganScopedAdmin[RepairCase]):
    actions = ("hand_over",)

    def has_assign_permission(self, request: HttpRequest) -> bool:
        user = request.user
        assert isinstance(user, User)
        return (
            user.organ is not None
            and user.organ.kind != Organ.Kind.CREDIT_MANAGEMENT
            and self.holds(request, *HANDLING_ROLES, "supervisor")
        )

    def get_urls(self) -> list[URLPattern]:
        own = path("hand-over/", self.admin_site.admin_view(self.hand_over_view), name="repairs_hand_over")
        return [own, *super().get_urls()]

    @admin.action(description=gettext_lazy("指定承办人"), permissions=["assign"])
    def hand_over(self, request: HttpRequest, queryset: QuerySet[RepairCase]) -> HttpResponse | None:
        chosen = list(queryset.values_list("pk", flat=True)[: MOST_AT_ONCE + 1])
        if len(chosen) > MOST_AT_ONCE:
            messages.error(request, _("一次最多指定%(n)d件，请分几次选择。没有改变。") % {"n": MOST_AT_ONCE})
            return None
        address = reverse("admin:repairs_hand_over")
        return redirect(f"{address}?cases={','.join(map(str, chosen))}")

    def hand_over_view(self, request: HttpRequest) -> HttpResponse:
        """Which cases, and to whom; each is handed over by itself, so that one which cannot be hinders no other."""
        user = request.user
        if not self.has_assign_permission(request):
            raise Http404
        assert isinstance(user, User) and user.organ is not None
        named = [whole_number(each) for each in request.GET.get("cases", "").split(",")[:MOST_AT_ONCE]]
        cases = list(
            visible_to(user)
            .filter(pk__in=[key for key in named if key is not None])
            .select_related("record__subject", "officer")
            .order_by("due_on", "-pk")
        )
        if not cases:
            raise Http404
        back = "back" in request.POST
        form = HandOverForm(request.POST if request.method == "POST" and not back else None, organ=user.organ)
        if back or form.is_valid():
            self._hand_over(request, cases, None if back else form.cleaned_data["officer"])
            return redirect("admin:repairs_repaircase_changelist")
        note_shown(request, cases)
        return self.page(
            request,
            "admin/repairs/hand_over.html",
            title=_("指定承办人（%(n)d件）") % {"n": len(cases)},
            cases=cases,
            form=form,
        )

    def _hand_over(self, request: HttpRequest, cases: list[RepairCase], officer: User | None) -> None:
        assert isinstance(request.user, User)
        changed, refused = 0, []
        for case in cases:
            try:
                changed += services.assign_case(
                    case=case, officer=officer, actor=request.user, at=timezone.now()
                )
            except services.NotAllowed:
                refused.append(_("%(number)s没有改变：现在不轮到您的岗位。") % {"number": case.number})
            except services.NotReady as problem:
                refused.append(str(problem))
        if changed:
            words = (
                _("%(n)d件改由%(name)s承办。") % {"n": changed, "name": officer.name}
                if officer
                else _("%(n)d件退回本岗全体。") % {"n": changed}
            )
            messages.success(request, words)
        if same := len(cases) - changed - len(refused):
            messages.info(request, _("%(n)d件原来就是这样，没有改变。") % {"n": same})
        for sentence in refused:
            messages.warning(request, sentence)
