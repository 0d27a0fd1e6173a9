"""Implementing rules at the officers' desk: hand in, look at the difference in words, confirm, withdraw."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from applications.accounts.admin_access import OrganScopedAdmin
from applications.accounts.forms import add_fault
from applications.accounts.http import whole_number
from applications.accounts.models import CASE_ROLES, User
from applications.files.bodies import takes_files
from applications.files.responses import file_response
from applications.files.services import store_upload, storing
from applications.policies import access, selectors, services
from applications.policies.forms import SimpleRulesForm, TextRulesForm, WithdrawForm, next_id
from applications.policies.models import ImplementingRules
from rules.day_words import day_in_words
from rules.errors import InputError, RulesError


def _posted(request: HttpRequest) -> tuple[Any, Any]:
    """What was posted, an empty form as well, which gets its errors like any other."""
    return (request.POST, request.FILES) if request.method == "POST" else (None, None)


@admin.register(ImplementingRules)
class ImplementingRulesAdmin(OrganScopedAdmin[ImplementingRules]):
    view_roles = CASE_ROLES
    visible_to = staticmethod(access.visible_to)
    impersonal = "rules of units, and the officers who recorded them"
    list_display = ("document_number", "unit", "effective_from", "standing", "changes", "file")
    ordering = ("-confirmed_at", "-pk")
    list_select_related = ("unit", "document")
    list_per_page = 50
    search_fields = ("document_number__contains", "title__contains", "unit__name__contains")
    show_full_result_count = False
    change_list_template = "admin/policies/list.html"

    @admin.display(description=gettext_lazy("状态"), ordering="status")
    def standing(self, rules: ImplementingRules) -> str:
        return rules.standing(timezone.localdate())

    @admin.display(description=gettext_lazy("与省规定的差别"))
    def changes(self, rules: ImplementingRules) -> SafeString:
        items = format_html_join("", "<li>{}</li>", ((line,) for line in rules.differences))
        return format_html("<ul>{}</ul>", items)

    @admin.display(description=gettext_lazy("文件"))
    def file(self, rules: ImplementingRules) -> SafeString:
        link = reverse("admin:policies_rules_document", args=[rules.pk])
        return format_html('<a href="{}">{}</a>', link, rules.document.name)

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        own = [
            path("new/", view(self.simple_view), name="policies_rules_new"),
            path("new/text/", view(self.text_view), name="policies_rules_new_text"),
            path("<int:pk>/confirm/", view(self.confirm_view), name="policies_rules_confirm"),
            path("<int:pk>/discard/", view(self.discard_view), name="policies_rules_discard"),
            path("<int:pk>/withdraw/", view(self.withdraw_view), name="policies_rules_withdraw"),
            path("<int:pk>/document/", view(self.document_view), name="policies_rules_document"),
        ]
        return own + super().get_urls()

    def _recorder(self, request: HttpRequest) -> User:
        """The supervisor of an identifying unit who asks; PermissionDenied for anybody else."""
        user = request.user
        if not (isinstance(user, User) and user.organ and access.may_record_for(user, user.organ)):
            raise PermissionDenied
        return user

    def _own(self, request: HttpRequest, pk: int) -> tuple[User, ImplementingRules]:
        user = self._recorder(request)
        return user, get_object_or_404(self.visible_to(user).select_related("unit", "document"), pk=pk)

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        organ = getattr(request.user, "organ", None)
        may_record = organ is not None and access.may_record_for(request.user, organ)
        return super().changelist_view(request, {**(extra_context or {}), "may_record": may_record})

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        rules = self.get_object(request, object_id)
        today = timezone.localdate()
        return self.page(
            request,
            "admin/policies/rules.html",
            title=str(rules),
            rules=rules,
            today=today,
            standing=rules.standing(today),
            department=selectors.supervising_department(rules.unit),
            replaced=rules.base != selectors.policy_in_force(on=today).id,
            may_record=access.may_record_for(request.user, rules.unit),
        )

    # -- Handing in

    @takes_files(megabytes=10)
    def simple_view(self, request: HttpRequest) -> HttpResponse:
        """The usual cases as a form."""
        user = self._recorder(request)
        assert user.organ is not None
        form = SimpleRulesForm(
            *_posted(request),
            user=user,
            unit=user.organ,
            policy=selectors.policy_in_force(on=timezone.localdate()),
        )
        return self._hand_in(request, user, form, "new")

    @takes_files(megabytes=10)
    def text_view(self, request: HttpRequest) -> HttpResponse:
        """Everything that implementing rules can say, as the text of an overlay."""
        user = self._recorder(request)
        assert user.organ is not None
        example = {
            "id": next_id(user.organ),
            "base": selectors.policy_in_force(on=timezone.localdate()).id,
        }
        form = TextRulesForm(*_posted(request), user=user, initial=self._earlier(request, user))
        return self._hand_in(request, user, form, "new_text", example=example)

    def _earlier(self, request: HttpRequest, user: User) -> dict[str, str]:
        """The text of earlier rules of the unit that one starts from."""
        pk = whole_number(request.GET.get("from", ""))
        if pk is None:
            return {}
        return {"text": get_object_or_404(ImplementingRules, unit=user.organ, pk=pk).text}

    def _hand_in(
        self, request: HttpRequest, user: User, form: SimpleRulesForm | TextRulesForm, page: str, **more: Any
    ) -> HttpResponse:
        status = 200
        if request.method == "POST":
            if form.is_valid():
                text = form.text() if isinstance(form, SimpleRulesForm) else form.cleaned_data["text"]
                assert user.organ is not None
                now = timezone.now()
                try:
                    with storing():
                        document = store_upload(upload=form.cleaned_data["document"], user=user, at=now)
                        rules = services.hand_in_rules(
                            unit=user.organ, text=text, document=document, actor=user, at=now
                        )
                except RulesError as error:
                    form.add_error(self._field(form, error), str(error))
                except ValidationError as refused:
                    form.add_error("document", refused)
                else:
                    return redirect("admin:policies_implementingrules_change", rules.pk)
            status = 422
        form.keep_files()
        return self.page(
            request,
            f"admin/policies/{page}.html",
            status,
            title=_("记载实施细则"),
            form=form,
            policy=selectors.policy_in_force(on=timezone.localdate()),
            **more,
        )

    def _field(self, form: forms.Form, error: RulesError) -> str | None:
        """The field that an error of the rules belongs to, so that the summary can lead there."""
        if isinstance(error, InputError) and error.path in form.fields:
            return error.path
        return "text" if "text" in form.fields else None

    # -- What follows

    def confirm_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        user, rules = self._own(request, pk)
        if request.method != "POST":
            return redirect("admin:policies_implementingrules_change", pk)
        try:
            rules = services.confirm_rules(rules=rules, actor=user, at=timezone.now())
        except (services.NotOpen, RulesError) as problem:
            messages.error(request, str(problem))
        else:
            messages.success(
                request,
                (
                    _("已记载，自%(day)s起施行，并已抄送%(department)s。")
                    if (department := selectors.supervising_department(rules.unit))
                    else _("已记载，自%(day)s起施行。")
                )
                % {"day": day_in_words(rules.effective_from), "department": department},
            )
        return redirect("admin:policies_implementingrules_change", pk)

    def discard_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """A draft is gone for good, so its page only leads here, where it is asked once more."""
        user, rules = self._own(request, pk)
        if request.method == "POST":
            try:
                services.discard_rules(rules=rules, actor=user, at=timezone.now())
            except services.NotOpen as problem:
                messages.error(request, str(problem))
            else:
                messages.success(request, _("草稿已删除。"))
            if not ImplementingRules.objects.filter(pk=pk).exists():
                return redirect("admin:policies_implementingrules_changelist")
        elif rules.status == ImplementingRules.Status.DRAFT:
            return self.page(request, "admin/policies/discard.html", title=_("删除实施细则草稿"), rules=rules)
        return redirect("admin:policies_implementingrules_change", pk)

    def withdraw_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        user, rules = self._own(request, pk)
        form = WithdrawForm(request.POST or None)
        status = 200
        if request.method == "POST":
            status = 422
            if form.is_valid():
                try:
                    services.withdraw_rules(
                        rules=rules,
                        from_day=form.cleaned_data["from_day"],
                        reason=form.cleaned_data["reason"],
                        actor=user,
                        at=timezone.now(),
                    )
                except InputError as error:
                    add_fault(form, error)
                except services.NotOpen as problem:
                    form.add_error(None, str(problem))
                    status = 409
                else:
                    messages.success(request, _("已记载废止，并已抄送社会信用管理部门。"))
                    return redirect("admin:policies_implementingrules_change", pk)
        return self.page(
            request, "admin/policies/withdraw.html", status, title=_("废止实施细则"), form=form, rules=rules
        )

    def document_view(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        if not self.has_view_permission(request):
            raise PermissionDenied
        rules = self.visible_to(request.user).select_related("document").filter(pk=pk).first()
        if rules is None:
            raise Http404
        return file_response(rules.document, inline=True)
