"""The officers' site: Django's admin, signed in through the portal's own log-in page."""

from django.contrib import admin
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseForbidden
from django.shortcuts import render
from django.urls import URLPattern, URLResolver, reverse
from django.utils.translation import gettext_lazy as _

# Django's pages that nothing here leads to: they look rows up by what an address says, whoever may see them, and
# change passwords past the portal's own page.
UNUSED = frozenset({"view_on_site", "autocomplete", "password_change", "password_change_done"})


class CreditRepairAdminSite(admin.AdminSite):
    site_header = _("信用修复业务办理")
    site_title = _("信用修复业务办理")
    index_title = _("我的工作台")

    def get_urls(self) -> list[URLPattern | URLResolver]:
        return [each for each in super().get_urls() if getattr(each, "name", None) not in UNUSED]

    def login(self, request: HttpRequest, extra_context: dict[str, object] | None = None) -> HttpResponse:
        """One log-in page for everybody: rate limits and e-mail verification hold for officers too."""
        if request.user.is_authenticated:
            return HttpResponseForbidden(render(request, "403.html").content)
        return redirect_to_login(request.GET.get("next") or reverse("admin:index"), reverse("account_login"))
