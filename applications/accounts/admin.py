"""The desks of the security administrator (people and roles) and of the system administrator (organs).

Organs lie in a lower layer than people and roles, so their admin stands here.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.contrib import admin, messages
from django.contrib.auth.models import Group
from django.db.models import Prefetch, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext_lazy as _

from applications.accounts import access, admin_absences, admin_resets, services  # noqa: F401
from applications.accounts.admin_access import OrganScopedAdmin
from applications.accounts.events import chain_of
from applications.accounts.forms import OrganForm, StaffForm
from applications.accounts.models import Role, StaffRole, User
from applications.ledger.services import record_event
from applications.organs.models import Organ
from applications.organs.selectors import organs_under
from applications.organs.standing import standing_of

# Permissions come from roles; people and their addresses are kept by services.
admin.site.unregister([Group, EmailAddress, Authenticator])


@admin.register(User)
class StaffAdmin(OrganScopedAdmin[User]):
    view_roles = (Role.SECURITY_ADMIN,)
    visible_to = staticmethod(access.visible_to)
    form = StaffForm
    list_display = ["name", "email", "organ", "held_roles", "is_active"]
    list_filter = ["is_active", "staff_roles__role"]
    search_fields = ["name__startswith", "email__startswith", "organ__name__contains"]
    search_help_text = _("姓名、邮箱（从头输入），或机构名称")
    ordering = ["organ__region", "organ__code", "email"]
    list_select_related = ["organ"]
    actions = ["resend_invitation"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        return (
            super()
            .get_queryset(request)
            .prefetch_related(Prefetch("staff_roles", StaffRole.objects.order_by("role")))
        )

    def reading_chain(self, user: User) -> str:
        return chain_of(user)

    @admin.display(description=_("岗位"))
    def held_roles(self, user: User) -> str:
        return "、".join(str(role) for role in user.staff_roles.all()) or "—"

    def has_add_permission(self, request: HttpRequest) -> bool:
        return self.holds(request, Role.SECURITY_ADMIN)

    def has_change_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        return self.has_view_permission(request, obj)

    def get_fieldsets(self, request: HttpRequest, obj: User | None = None) -> Any:
        fields = ["email", "name", "phone", "organ"]
        if obj:
            # Nobody changes the own address.
            fields[1:1] = [] if obj.pk == request.user.pk else ["new_email"]
            fields += ["is_active"]
        note = str(_("三员分立：系统管理员、安全管理员、审计管理员不得兼任任何其他岗位。"))
        if not obj:
            note = f"{note}{_('保存后，系统会向该邮箱发送设置密码的链接。')}"
        return [(None, {"fields": fields}), (_("岗位"), {"fields": ["roles"], "description": note})]

    def get_readonly_fields(self, request: HttpRequest, obj: User | None = None) -> list[str]:
        # Another organ is another post: the account is disabled there and a new one is made here.
        return ["email", "organ"] if obj else []

    def get_form(
        self, request: HttpRequest, obj: User | None = None, change: bool = False, **kwargs: Any
    ) -> Any:
        base = super().get_form(request, obj, change, **kwargs)
        return type(base.__name__, (base,), {"actor": request.user})

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "organ":
            kwargs["queryset"] = access.managed_organs(request.user)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        at, data, actor = timezone.now(), form.cleaned_data, request.user
        assert isinstance(actor, User)
        if change:
            services.change_staff(
                user=obj,
                name=data["name"],
                phone=data["phone"],
                is_active=data["is_active"],
                actor=actor,
                at=at,
            )
            if set(data["roles"]) != set(form.fields["roles"].initial):
                services.grant_roles(user=obj, roles=data["roles"], actor=actor, at=at)
            if data.get("new_email"):
                self._propose_address(request, obj, data["new_email"], actor, at)
            return
        user = services.create_staff(
            email=data["email"],
            name=data["name"],
            phone=data["phone"],
            organ=data["organ"],
            roles=data["roles"],
            actor=actor,
            at=at,
        )
        obj.pk = user.pk
        self._invite(request, user)

    def _propose_address(
        self, request: HttpRequest, user: User, email: str, actor: User, at: datetime
    ) -> None:
        if services.propose_address(user=user, email=email, actor=actor, at=at):
            sentence = _("登录邮箱已更换，设置密码的链接正在发往 %(email)s。")
        else:
            sentence = _(
                "确认链接正在发往 %(email)s，同时告知原邮箱。本人登录确认后生效，此前仍用原邮箱登录。"
            )
        self.message_user(request, sentence % {"email": email})

    def _invite(self, request: HttpRequest, user: User) -> None:
        services.send_invitation(user=user)
        self.message_user(request, _("设置密码的链接正在发往 %(email)s。") % {"email": user.email})

    @admin.action(description=_("重新发送设置密码的链接"), permissions=["change"])
    def resend_invitation(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        for user in queryset:
            if user.is_active:
                self._invite(request, user)
            else:
                self.message_user(
                    request, _("%(user)s 的账号已停用，没有发送。") % {"user": user}, messages.WARNING
                )


@admin.register(Organ)
class OrganAdmin(OrganScopedAdmin[Organ]):
    """Every member of staff may look organs up; a system administrator keeps those of the own region."""

    impersonal = "public bodies with their public addresses"
    form = OrganForm
    list_display = ["name", "kind", "level", "region_name", "document_prefix", "phone"]
    list_filter = ["kind", "level"]
    search_fields = ["name__contains", "code__startswith", "uscc__exact"]
    ordering = ["region", "kind", "code"]

    def visible_to(self, user: Any) -> QuerySet[Organ]:
        return Organ.objects.all()

    @admin.display(description=_("行政区划"), ordering="region")
    def region_name(self, organ: Organ) -> str:
        return organ.region_name

    def has_add_permission(self, request: HttpRequest) -> bool:
        user = request.user
        return (
            isinstance(user, User)
            and self.holds(request, Role.SYSTEM_ADMIN)
            and user.organ is not None
            and user.organ.kind == Organ.Kind.CREDIT_BUREAU
        )

    def has_change_permission(self, request: HttpRequest, obj: Organ | None = None) -> bool:
        user = request.user
        if not isinstance(user, User) or user.organ is None or not self.holds(request, Role.SYSTEM_ADMIN):
            return False
        return obj is None or organs_under(user.organ).filter(pk=obj.pk).exists()

    def get_readonly_fields(self, request: HttpRequest, obj: Organ | None = None) -> list[str]:
        # Documents and records already name the organ by these.
        if obj is None:
            return []
        # Whoever looks after the organ proposes what its letters say; a link would lead nobody else anywhere.
        letters = "letters_to_propose" if self.has_change_permission(request, obj) else "letters"
        return ["code", "kind", "level", "region", "uscc", letters]

    @admin.display(description=_("文书的救济途径和印章"))
    def letters(self, organ: Organ) -> str:
        return format_html_join("", "<p>{} {}</p>", self._letters(organ))

    @admin.display(description=_("文书的救济途径和印章"))
    def letters_to_propose(self, organ: Organ) -> str:
        rows = (
            (tag, sentence, format_html('<a href="{}">{}</a>', address, _("提出变更")) if address else "")
            for tag, sentence, address in self._letters(organ)
        )
        return format_html_join("", "<p>{} {} {}</p>", rows)

    def _letters(self, organ: Organ) -> list[tuple[str, str, str]]:
        """The tag and the sentence of each, and where another is proposed, if anywhere."""
        return [
            (
                format_html('<span class="tag tag-bad">{}</span>', _("缺少"))
                if each.lacking
                else format_html('<span class="tag tag-good">{}</span>', _("已登记")),
                each.sentence,
                each.address,
            )
            for each in standing_of(organ, timezone.localdate())
        ]

    def get_form(
        self, request: HttpRequest, obj: Organ | None = None, change: bool = False, **kwargs: Any
    ) -> Any:
        base = super().get_form(request, obj, change, **kwargs)
        return type(base.__name__, (base,), {"actor": request.user})

    def save_model(self, request: HttpRequest, obj: Organ, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        user = request.user
        assert isinstance(user, User)
        record_event(
            chain=f"organ-{obj.code}",
            verb="organ.changed" if change else "organ.created",
            at=timezone.now(),
            actor=user,
            role=Role.SYSTEM_ADMIN,
            organ=user.organ,
            payload={"fields": sorted(form.changed_data)},
        )
