import json

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from applications.accounts.admin_access import OrganScopedAdmin
from applications.accounts.admin_lists import KeysFirst
from applications.accounts.models import Role
from applications.sharing import access, services
from applications.sharing.models import Delivery

# What the platform calls the two decisions and what becomes of a record, in the officers' words.
DECISIONS = {
    "granted": _("准予修复"),
    "refused": _("不予修复"),
    "grant_revoked": _("撤销修复"),
    "revoked": _("处罚撤销"),
    "reinstated": _("撤销有误，恢复"),
    "corrected": _("信息更正"),
    "objected": _("异议处理中"),
    "kept": _("异议不成立"),
}


def _as_text(value: object) -> SafeString:
    return format_html(
        '<pre class="wrapped">{}</pre>', json.dumps(value, ensure_ascii=False, indent=2, sort_keys=True)
    )


@admin.register(Delivery)
class DeliveryAdmin(OrganScopedAdmin[Delivery]):
    """What goes to the sharing platform: read, and pushed again."""

    view_roles = (Role.SYSTEM_ADMIN, Role.SUPERVISOR)
    visible_to = staticmethod(access.visible_to)
    actions = ["resend"]
    list_display = [
        "about",
        "position",
        "decision",
        "destination",
        "status",
        "delivered_at",
        "next_try_at",
        "organ",
    ]
    list_select_related = ["organ", "destination"]
    list_filter = ["status", ("created_at", admin.DateFieldListFilter)]
    search_fields = ["about__startswith"]
    search_help_text = _("按编号开头查找")
    show_full_result_count = False
    paginator = KeysFirst
    fieldsets = [
        (None, {"fields": ["about", "position", "decision", "organ", "destination", "status", "last_error"]}),
        (_("推送"), {"fields": ["created_at", "attempts", "next_try_at", "alarmed_at", "delivered_at"]}),
        (_("内容与回执"), {"fields": ["id", "payload_text", "receipt_text"]}),
    ]

    def reading_chain(self, delivery: Delivery) -> str:
        return delivery.about

    @admin.display(description=_("决定"))
    def decision(self, delivery: Delivery) -> str:
        return str(
            DECISIONS.get(
                delivery.payload.get("decision") or delivery.payload.get("event", ""), delivery.kind
            )
        )

    @admin.display(description=_("内容"))
    def payload_text(self, delivery: Delivery) -> SafeString:
        return _as_text(delivery.payload)

    @admin.display(description=_("回执"))
    def receipt_text(self, delivery: Delivery) -> SafeString | str:
        return _as_text(delivery.receipt) if delivery.receipt else str(_("尚未签收"))

    class Media:
        css = {"all": ["css/officers.css"]}

    def has_resend_permission(self, request: HttpRequest) -> bool:
        return self.holds(request, *self.view_roles)

    @admin.action(description=_("重新推送"), permissions=["resend"])
    def resend(self, request: HttpRequest, queryset: QuerySet[Delivery]) -> None:
        resent = 0
        for delivery in queryset.order_by("about", "position"):
            try:
                services.resend_delivery(delivery=delivery, actor=request.user, at=timezone.now())  # type: ignore[arg-type]
                resent += 1
            except services.NotResendable as error:
                self.message_user(request, f"{delivery}：{error}", messages.WARNING)
        if resent:
            self.message_user(
                request,
                ngettext(
                    "已安排重新推送 %(count)s 条，结果见“状态”一栏。",
                    "已安排重新推送 %(count)s 条，结果见“状态”一栏。",
                    resent,
                )
                % {"count": resent},
                messages.SUCCESS,
            )
