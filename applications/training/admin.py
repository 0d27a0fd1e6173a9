"""Courses and meetings at the desk of who organises them: write, look at what would be published, publish, end; who came."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db import models
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from applications.accounts.admin_access import M, OrganScopedAdmin
from applications.accounts.day_input import MomentInput
from applications.accounts.http import whole_number
from applications.accounts.models import User
from applications.documents.services import Unprintable
from applications.training import access, admin_certificates  # noqa: F401
from applications.training.admin_forms import CourseForm, MeetingForm
from applications.training.errors import NotPossible
from applications.training.forms import ReasonForm
from applications.training.models import Chapter, Course, Enrolment, Meeting, Question
from applications.training.selectors import enrolled_in
from applications.training.services import attending, certificates, publishing


class WrittenAdmin(OrganScopedAdmin[M]):
    """What the own organ's officers write."""

    view_roles = access.ORGANISING_ROLES
    organ_kinds = access.ORGANISING_KINDS
    list_per_page = 50
    show_full_result_count = False

    def has_add_permission(self, request: HttpRequest) -> bool:
        return access.may_organise(request.user)

    def has_change_permission(self, request: HttpRequest, obj: M | None = None) -> bool:
        return self.has_view_permission(request, obj)

    def find(self, request: HttpRequest, pk: int) -> tuple[Any, User]:
        """One of the own organ's, and the officer; 404 for everybody else."""
        user = request.user
        if not self.has_view_permission(request) or not isinstance(user, User):
            raise Http404
        return get_object_or_404(self.get_queryset(request).select_related("organ"), pk=pk), user

    def back_to(self, pk: int) -> HttpResponse:
        return redirect(f"admin:{self.opts.app_label}_{self.opts.model_name}_change", pk)

    def confirm(
        self, request: HttpRequest, pk: int, act: Callable[[datetime], None], *, done: str, **said: str
    ) -> HttpResponse:
        """What a button does (``about``), then the button; ``done`` is said when it was pressed."""
        problem = ""
        if request.method == "POST":
            try:
                act(timezone.now())
            except NotPossible as refused:
                problem = str(refused)
            else:
                messages.success(request, done)
                return self.back_to(pk)
        back = reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_change", args=[pk])
        return self.page(
            request,
            "admin/training/confirm.html",
            409 if problem else 200,
            problem=problem,
            back=back,
            **said,
        )

    def begin(self, request: HttpRequest, written: Any) -> None:
        """Whose it is, of one that is new."""
        assert isinstance(request.user, User)
        written.organ, written.made_by, written.made_at = request.user.organ, request.user, timezone.now()


class WrittenInline(admin.StackedInline[Any, Any]):
    """Parts of a course, open to whom the course is."""

    extra = 1

    def has_view_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return access.may_organise(request.user)

    def has_add_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return access.may_organise(request.user)

    def has_change_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return access.may_organise(request.user)

    def has_delete_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return access.may_organise(request.user)


class ChapterInline(WrittenInline):
    model = Chapter


class QuestionInline(WrittenInline):
    model = Question


@admin.register(Course)
class CourseAdmin(WrittenAdmin[Course]):
    """A course cannot be deleted: somebody may be taking it. It is closed."""

    impersonal = "the text of courses, and the officers who wrote it"
    visible_to = staticmethod(access.courses_visible_to)
    form = CourseForm
    fields = ("title", "summary", "public_interest", "pass_percent", "seen")
    inlines = (ChapterInline, QuestionInline)
    list_display = ("title", "state", "public_interest", "made_at")
    list_filter = ("state",)
    change_form_template = "admin/training/course_form.html"

    def get_urls(self) -> list[URLPattern]:
        wrap = self.admin_site.admin_view
        return [
            path("<int:pk>/publish/", wrap(self.publish_view), name="training_course_publish"),
            path("<int:pk>/close/", wrap(self.close_view), name="training_course_close"),
            *super().get_urls(),
        ]

    def save_model(self, request: HttpRequest, obj: Course, form: Any, change: bool) -> None:
        if change:
            publishing.lock_unchanged(obj)
        else:
            self.begin(request, obj)
        obj.revision += 1
        # Not the state: a colleague may be publishing it.
        obj.save(update_fields=[*CourseForm.Meta.fields, "revision"] if change else None)

    def context_of(self, request: HttpRequest, obj: Course) -> dict[str, Any]:
        return {"edition": obj.editions.order_by("-number").first()}

    def publish_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """What everybody would read, then the button."""
        course, user = self.find(request, pk)
        problems: list[str] = []
        if request.method == "POST":
            try:
                edition = publishing.publish_course(course=course, actor=user, at=timezone.now())
            except ValidationError as lacking:
                problems = lacking.messages
            except NotPossible as refused:
                problems = [str(refused)]
            else:
                messages.success(
                    request,
                    _("第%(n)d版已发布。已经开始学习的人按开始时的一版学完。") % {"n": edition.number},
                )
                return self.back_to(pk)
        return self.page(
            request,
            "admin/training/publish_course.html",
            409 if problems else 200,
            title=_("发布课程"),
            course=course,
            content=publishing.compose(course),
            problems=problems,
            address=reverse("training:course", args=[pk]),
        )

    def close_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        course, user = self.find(request, pk)
        return self.confirm(
            request,
            pk,
            lambda at: publishing.close_course(course=course, actor=user, at=at),
            done=_("已停止。已经开始学习的人可以学完、取得证书。"),
            title=_("停止课程"),
            about=_("停止“%(title)s”以后，不能再开始学习；已经开始的可以学完、测验、取得证书。")
            % {"title": course},
            send=_("停止"),
        )


@admin.register(Meeting)
class MeetingAdmin(WrittenAdmin[Meeting]):
    """A meeting cannot be deleted: it is cancelled, with a reason that who is enrolled reads."""

    visible_to = staticmethod(access.meetings_visible_to)
    form = MeetingForm
    fields = (
        "title", "summary", "public_interest", "place", "starts_at", "ends_at", "enrol_until", "places", "seen",
    )  # fmt: skip
    list_display = ("title", "starts_at", "place", "taken", "places", "state")
    list_filter = ("state",)
    change_form_template = "admin/training/meeting_form.html"
    # Django's own are two fields without labels, and speak of the server's time zone.
    formfield_overrides = {models.DateTimeField: {"form_class": forms.DateTimeField, "widget": MomentInput}}

    def reading_chain(self, obj: Any) -> str:
        meeting: Meeting = obj
        return meeting.chain

    def get_urls(self) -> list[URLPattern]:
        wrap = self.admin_site.admin_view
        return [
            path("<int:pk>/publish/", wrap(self.publish_view), name="training_meeting_publish"),
            path("<int:pk>/cancel/", wrap(self.cancel_view), name="training_meeting_cancel"),
            path("<int:pk>/attendance/", wrap(self.attendance_view), name="training_meeting_attendance"),
            *super().get_urls(),
        ]

    def has_change_permission(self, request: HttpRequest, obj: Meeting | None = None) -> bool:
        over = obj is not None and (obj.state == Meeting.State.CANCELLED or obj.ends_at <= timezone.now())
        return not over and super().has_change_permission(request, obj)

    def save_model(self, request: HttpRequest, obj: Meeting, form: Any, change: bool) -> None:
        if not change:
            self.begin(request, obj)
            obj.save()
            return
        assert isinstance(request.user, User)
        values = {name: form.cleaned_data[name] for name in MeetingForm.Meta.fields}
        publishing.change_meeting(meeting=obj, values=values, actor=request.user, at=timezone.now())

    def publish_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        meeting, user = self.find(request, pk)
        return self.confirm(
            request,
            pk,
            lambda at: publishing.publish_meeting(meeting=meeting, actor=user, at=at),
            done=_("已发布，可以报名了。"),
            title=_("发布现场培训"),
            about=_(
                "发布“%(title)s”：%(when)s，%(place)s，%(places)d个名额。发布后任何人都能看到，可以报名。"
            )
            % {
                "title": meeting,
                "when": publishing.when(meeting),
                "place": meeting.place,
                "places": meeting.places,
            },
            send=_("发布"),
        )

    def cancel_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        meeting, user = self.find(request, pk)
        form = ReasonForm(request.POST if request.method == "POST" else None)
        status = 200
        if request.method == "POST" and form.is_valid():
            try:
                publishing.cancel_meeting(
                    meeting=meeting, reason=form.cleaned_data["reason"], actor=user, at=timezone.now()
                )
            except (NotPossible, ValidationError) as refused:
                words = refused.messages if isinstance(refused, ValidationError) else [str(refused)]
                form.add_error(None, "".join(words))
                status = 409
            else:
                messages.success(request, _("已取消，已报名的人会收到通知。"))
                return self.back_to(pk)
        return self.page(
            request,
            "admin/training/reason.html",
            status,
            title=_("取消现场培训"),
            form=form,
            about=_("%(title)s，%(when)s，已报名%(n)d人")
            % {"title": meeting, "when": publishing.when(meeting), "n": meeting.taken},
            back=reverse("admin:training_meeting_change", args=[pk]),
            send=_("取消这场培训"),
        )

    def attendance_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Who is enrolled; after the meeting, who came, and the certificates of those."""
        meeting, user = self.find(request, pk)
        problems: list[str] = []
        if request.method == "POST":
            came = {whole_number(text) or 0 for text in request.POST.getlist("came")}
            now = timezone.now()
            try:
                waiting = attending.note_attendance(meeting=meeting, came=came, actor=user, at=now)
            except NotPossible as refused:
                problems = [str(refused)]
            else:
                problems = self._issue(waiting, user)
                if not problems:
                    messages.success(request, _("已登记，新出具%(n)d份证书。") % {"n": len(waiting)})
                    return redirect("admin:training_meeting_attendance", pk)
        return self.page(
            request,
            "admin/training/attendance.html",
            409 if problems else 200,
            title=_("报名和到场"),
            meeting=meeting,
            enrolments=enrolled_in(meeting),
            problems=problems,
            over=meeting.ends_at <= timezone.now() and meeting.state == Meeting.State.PUBLISHED,
        )

    def _issue(self, waiting: list[Enrolment], user: User) -> list[str]:
        """A certificate for each; why some got none. That they came is noted, so pressing again tries those again."""
        problems = []
        for enrolment in waiting:
            try:
                certificates.issue_for_enrolment(enrolment=enrolment, actor=user, at=timezone.now())
            except Unprintable as refused:
                problems.append(f"{enrolment.person}{_('：')}{''.join(refused.messages)}")
        return problems
