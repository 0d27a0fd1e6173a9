"""The officers' site: Django's admin, signed in through the portal's own log-in page."""

from django.contrib import admin
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseForbidden
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _


class CreditRepairAdminSite(admin.AdminSite):
    site_header = _("信用修复业务办理")
    site_title = _("信用修复业务办理")
    index_title = _("我的工作台")

    def login(self, request: HttpRequest, extra_context: dict[str, object] | None = None) -> HttpResponse:
        """One log-in page for everybody: rate limits and e-mail verification hold for officers too."""
        if request.user.is_authenticated:
            return HttpResponseForbidden(render(request, "403.html").content)
        return redirect_to_login(request.GET.get("next") or reverse("admin:index"), reverse("account_login"))
