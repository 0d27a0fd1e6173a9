"""重要参考 (Article 16) in the officers' site: what an officer notes of a case."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from applications.accounts.admin_reveal import RevealsContacts
from applications.repairs import access
from applications.repairs.errors import NotReady
from applications.repairs.models import RepairCase
from applications.repairs.services.improvements import note_improvements
from applications.repairs.shown import digest_of


class ImprovementsForm(forms.Form):
    words = forms.CharField(
        label=gettext_lazy("重要参考"),
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text=gettext_lazy(
            "公益性信用修复培训、志愿服务、社会公益活动等，写明时间、内容和怎样核实的。清空即取消登记。"
        ),
    )
    # What was noted when the page was opened.
    seen = forms.CharField(required=False, max_length=64, widget=forms.HiddenInput())

    def clean_seen(self) -> str:
        return self.cleaned_data["seen"] or digest_of("")


class NotesImprovements(RevealsContacts[RepairCase]):
    """The page of a case on which an officer notes them."""

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.improvements_view)
        return [path("<int:pk>/improvements/", view, name="repairs_improvements"), *super().get_urls()]

    def improvements_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        user: Any = request.user
        case = get_object_or_404(access.visible_to(user).select_related("record__subject", "organ"), pk=pk)
        if not access.may_work_on(user, case):
            raise Http404
        shown = {"words": case.noted_improvements, "seen": digest_of(case.noted_improvements)}
        form = ImprovementsForm(request.POST or None, initial=shown)
        if request.method == "POST" and form.is_valid():
            try:
                note_improvements(case=case, **form.cleaned_data, actor=user, at=timezone.now())
            except NotReady as late:
                case.refresh_from_db(fields=["noted_improvements"])
                # What was typed stays; whoever presses again has read what the colleague noted.
                seen = digest_of(case.noted_improvements)
                form = ImprovementsForm({"words": form.cleaned_data["words"], "seen": seen})
                form.add_error(None, str(late))
            else:
                messages.success(request, _("已登记，审查和审批时可以看到。"))
                return redirect("admin:repairs_repaircase_change", case.pk)
        return self.page(
            request, "admin/repairs/improvements.html", title=_("登记重要参考"), case=case, form=form
        )
