"""The desk of absences: who is away, from when to when, and who stands in."""

from __future__ import annotations

from typing import Any, cast

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from applications.accounts import absences, access
from applications.accounts.access import roles_of
from applications.accounts.admin_access import OrganScopedAdmin
from applications.accounts.day_input import DayInput
from applications.accounts.events import chain_of
from applications.accounts.models import CASE_ROLES, Absence, Role, User
from applications.accounts.selectors import staff_of


class Colleague(forms.ModelChoiceField[User]):
    """Each with the own roles: a cover needs one of whoever is away."""

    def label_from_instance(self, obj: User) -> str:
        roles = "、".join(str(Role(each.role).label) for each in obj.staff_roles.all())
        return _("%(name)s（%(roles)s）") % {"name": obj.name, "roles": roles} if roles else obj.name


class AbsenceForm(forms.ModelForm[Absence]):
    """``actor`` is whoever registers: the head for everybody of the organ, others for themselves."""

    actor: User

    class Meta:
        model = Absence
        fields = ("user", "cover", "first_on", "last_on")
        field_classes = {"user": Colleague, "cover": Colleague}
        widgets = {"first_on": DayInput, "last_on": DayInput}
        help_texts = {
            "cover": gettext_lazy(
                "轮到的岗位与代办人相同的办件进入代办人的队列；其余的，以及代办人依法应当回避的，退回本岗其他人员。"
            ),
            "last_on": gettext_lazy("含当日。提前回来的，在列表中选中后结束。"),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # A page that only shows has no fields.
        if "user" in self.fields and self.actor.organ is not None:
            away, cover = (
                cast("forms.ModelChoiceField[User]", self.fields[name]) for name in ("user", "cover")
            )
            held = roles_of(self.actor)
            staff = staff_of(self.actor.organ, *CASE_ROLES).order_by("name", "pk")
            away.queryset = cover.queryset = staff.prefetch_related("staff_roles")
            if Role.SUPERVISOR not in held:
                away.queryset = User.objects.filter(pk=self.actor.pk)
                # Nobody else could stand in: see register_absence.
                alike = staff_of(self.actor.organ, *(held & set(CASE_ROLES))).exclude(pk=self.actor.pk)
                cover.queryset = alike.order_by("name", "pk").prefetch_related("staff_roles")
                if not alike.exists():
                    cover.empty_label = _("本单位没有与您岗位相同的其他人员")
            cover.error_messages["invalid_choice"] = absences.NO_COVER
            away.initial = self.actor.pk


@admin.register(Absence)
class AbsenceAdmin(OrganScopedAdmin[Absence]):
    view_roles = CASE_ROLES
    visible_to = staticmethod(access.absences_visible_to)
    form = AbsenceForm
    list_display = ("user", "cover", "first_on", "last_on", "standing", "made_by")
    list_select_related = ("user", "cover", "made_by")
    fields = ("user", "cover", "first_on", "last_on")
    actions = ("end",)

    def reading_chain(self, absence: Absence) -> str:
        return chain_of(absence.user)

    @admin.display(description=gettext_lazy("状态"))
    def standing(self, absence: Absence) -> str:
        today = timezone.localdate()
        if absence.ended_at:
            return _("已提前结束")
        if absence.last_on < today:
            return _("已结束")
        return _("代办中") if absence.first_on <= today else _("未开始")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def has_end_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def get_form(
        self, request: HttpRequest, obj: Absence | None = None, change: bool = False, **kwargs: Any
    ) -> Any:
        base = super().get_form(request, obj, change, **kwargs)
        return type(base.__name__, (base,), {"actor": request.user})

    def save_model(self, request: HttpRequest, obj: Absence, form: Any, change: bool) -> None:
        assert isinstance(request.user, User)
        made = absences.register_absence(
            user=obj.user,
            cover=obj.cover,
            first_on=obj.first_on,
            last_on=obj.last_on,
            actor=request.user,
            at=timezone.now(),
        )
        obj.pk = made.pk

    @admin.action(description=gettext_lazy("提前结束"), permissions=["end"])
    def end(self, request: HttpRequest, queryset: QuerySet[Absence]) -> None:
        assert isinstance(request.user, User)
        for absence in queryset.select_related("user"):
            try:
                absences.end_absence(absence=absence, actor=request.user, at=timezone.now())
            except PermissionDenied:
                words = _("%(name)s的离岗由本人、代办人或者本单位负责人结束，没有改变。")
                self.message_user(request, words % {"name": absence.user.name}, messages.WARNING)
            except ValidationError as refused:
                self.message_user(request, refused.messages[0], messages.WARNING)
            else:
                words = _("%(name)s的离岗已经结束，办件回到本人的队列。")
                self.message_user(request, words % {"name": absence.user.name})
