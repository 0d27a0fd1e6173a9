"""The page of an officers' admin on which an officer says for what a telephone, an address or a number is needed."""

from __future__ import annotations

from typing import TypeVar

from django.db.models import Model
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _

from applications.accounts.admin_access import OrganScopedAdmin
from applications.accounts.reading import note_shown
from applications.accounts.revealing import FOR, RevealForm, reveal
from applications.accounts.typed import page_of

M = TypeVar("M", bound=Model)


class RevealsContacts(OrganScopedAdmin[M]):
    """For whoever may see the page of the row."""

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.reveal_view)
        name = f"{self.opts.app_label}_{self.opts.model_name}_reveal"
        return [path("<int:pk>/reveal/", view, name=name), *super().get_urls()]

    def revealed_about(self, obj: M) -> str:
        """The ledger chain by which whom it is about is told."""
        return self.reading_chain(obj)

    def veiled(self, obj: M) -> str:
        """By what the row is known again where nobody is named in full."""
        return str(obj)

    def reveal_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        obj = self.get_object(request, str(pk))
        own = reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_change", args=[pk])
        back = request.POST.get("back", "") or page_of(request) or own
        if not url_has_allowed_host_and_scheme(back, None) or back.partition("?")[0] == request.path:
            back = own
        form = RevealForm(request.POST if request.method == "POST" else None)
        if form.is_valid():
            reveal(request, obj, about=self.revealed_about(obj), at=timezone.now(), **form.cleaned_data)
            return redirect(back)
        # Who is asked for a reason has read nothing yet.
        note_shown(request, [])
        context = {"form": form, "veiled": self.veiled(obj), "back": back, "minutes": FOR.seconds // 60}
        title = _("显示联系方式和号码")
        status = 400 if form.is_bound else 200
        return self.page(request, "admin/accounts/reveal.html", status, title=title, **context)
