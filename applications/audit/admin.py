"""The archive for those who audit it. The ledger itself knows no roles, so its pages stand here."""

import json
from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from applications.accounts import refusals
from applications.accounts.admin_access import OrganScopedAdmin
from applications.accounts.models import Role
from applications.audit.access import events_visible_to, heads_visible_to
from applications.audit.payloads import lines, role_in_words
from applications.audit.verbs import in_words
from applications.ledger.models import READINGS, Event, Head


class KindFilter(admin.SimpleListFilter):
    """What auditors look for among all that happens; each is a verb or two, so that an index answers it."""

    title = _("类别")
    parameter_name = "kind"
    VERBS: ClassVar[dict[str, tuple[str, ...]]] = {
        "refused": (refusals.VERB,),
        "sign_in": ("user.sign_in_failed", "user.sign_in_refused", "user.password_refused"),
        "roles": ("user.roles_changed", "user.created", "user.disabled", "user.enabled"),
    }

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [
            ("refused", _("被拒绝的操作")),
            ("sign_in", _("登录和密码失败")),
            ("roles", _("账号和岗位变动")),
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Event]) -> QuerySet[Event]:
        verbs = self.VERBS.get(self.value() or "")
        return queryset.filter(verb__in=verbs) if verbs else queryset


@admin.register(Event)
class EventAdmin(OrganScopedAdmin[Event]):
    view_roles = (Role.AUDIT_ADMIN, Role.SUPERVISOR)
    visible_to = staticmethod(events_visible_to)
    list_display = ("at", "chain", "position", "what", "actor", "as_role", "organ")
    list_display_links = ("position",)
    list_select_related = ("actor", "organ")
    list_filter = (KindFilter, ("at", admin.DateFieldListFilter))
    list_per_page = 50
    ordering = ("-id",)
    search_fields = ("chain", "verb")
    search_help_text = _("卷宗（办件编号等）或者事件，从头输入")
    show_full_result_count = False
    fields = (
        *("chain", "position", "what", "at", "actor", "as_role", "organ"),
        *("content", "verb", "as_kept", "previous_hash", "hash"),
    )

    @admin.display(description=_("何事"), ordering="verb")
    def what(self, event: Event) -> str:
        return in_words(event.verb)

    @admin.display(description=_("身份"), ordering="role")
    def as_role(self, event: Event) -> str:
        return role_in_words(event.role)

    @admin.display(description=_("内容"))
    def content(self, event: Event) -> SafeString:
        return format_html_join("", "<p>{}：{}</p>", lines(event.payload))

    @admin.display(description=_("内容原文（摘要由此算出）"))
    def as_kept(self, event: Event) -> SafeString:
        return format_html(
            '<pre class="wrapped">{}</pre>', json.dumps(event.payload, ensure_ascii=False, indent=2)
        )

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Event], search_term: str
    ) -> tuple[QuerySet[Event], bool]:
        """From the beginning of a chain or of a verb, and what was read or refused about a chain: indexes answer that
        among millions."""
        term = search_term.strip()
        if not term:
            return queryset, False
        if "." in term:
            return queryset.filter(verb__startswith=term), False
        about = Q(chain__startswith=READINGS, payload__about=term) | Q(
            verb=refusals.VERB, payload__about=term
        )
        return queryset.filter(Q(chain__startswith=term) | about), False


@admin.register(Head)
class HeadAdmin(OrganScopedAdmin[Head]):
    view_roles = (Role.AUDIT_ADMIN,)
    visible_to = staticmethod(heads_visible_to)
    impersonal = "digests of the ledger"
    list_display = ("number", "signed_at", "event_count", "last_event", "root")
    list_display_links = None
    list_per_page = 50
