"""The officers' site: Django's admin, signed in through the portal's own log-in page."""

from functools import partial
from typing import Any

from django.apps import apps
from django.contrib import admin
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseForbidden
from django.shortcuts import render
from django.urls import URLPattern, URLResolver, reverse
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext_lazy as _

# Django's pages that nothing here leads to: they look rows up by what an address says, whoever may see them, and
# change passwords past the portal's own page.
UNUSED = frozenset({"view_on_site", "autocomplete", "password_change", "password_change_done"})


# The lists on the first page, by what they are for; what is named in none comes last.
GROUPS = (
    (
        _("办件"),
        (
            "repaircase",
            "reception",
            "objection",
            "inquiry",
            "revocationproposal",
            "informationobjection",
            "claim",
            "codeconfirmation",
        ),
    ),
    (_("信息"), ("dishonestyrecord", "sourceact", "importbatch", "subject")),
    (_("文书和报告"), ("document", "creditreport", "institution")),
    (_("培训"), ("course", "meeting", "trainingcertificate", "organiser")),
    (_("期限和日历"), ("deadline", "escalation", "sweep", "calendarnotice", "localclosure", "recalculation")),
    (_("规则和共享"), ("implementingrules", "delivery", "destination")),
    (_("机构和人员"), ("absence", "user", "secondfactorreset", "organ", "remedies", "sealpicture")),
    (_("档案"), ("event", "head")),
)
OTHERS = _("其他")


class CreditRepairAdminSite(admin.AdminSite):
    site_header = _("信用修复业务办理")
    site_title = _("信用修复业务办理")
    index_title = _("我的工作台")
    # As in the columns that are worked out.
    empty_value_display = "—"
    # The first page lists what there is; beside a list or a case it would take room from them.
    enable_nav_sidebar = False

    def get_app_list(self, request: HttpRequest, app_label: str | None = None) -> Any:
        if app_label is not None:
            return super().get_app_list(request, app_label)
        return SimpleLazyObject(partial(self._groups, request))

    def _groups(self, request: HttpRequest) -> list[dict[str, Any]]:
        """What a person may open, in groups of what belongs together, and not of how the project is divided."""
        lists = {
            model["object_name"].lower(): model
            for app in super().get_app_list(request)
            for model in app["models"]
        }
        groups = [(name, [lists.pop(each) for each in names if each in lists]) for name, names in GROUPS]
        groups.append((OTHERS, list(lists.values())))
        return [{"name": name, "models": models} for name, models in groups if models]

    def each_context(self, request: HttpRequest) -> dict[str, Any]:
        """What there is to open is worked out where a page lists it, which few do."""
        context: dict[str, Any] = super().each_context(request)
        queue = self.get_model_admin(apps.get_model("repairs", "RepairCase"))
        return context | {"has_queue": queue.has_view_permission(request)}

    def get_urls(self) -> list[URLPattern | URLResolver]:
        return [each for each in super().get_urls() if getattr(each, "name", None) not in UNUSED]

    def login(self, request: HttpRequest, extra_context: dict[str, object] | None = None) -> HttpResponse:
        """One log-in page for everybody: rate limits and e-mail verification hold for officers too."""
        if request.user.is_authenticated:
            return HttpResponseForbidden(render(request, "403.html").content)
        return redirect_to_login(request.GET.get("next") or reverse("admin:index"), reverse("account_login"))
