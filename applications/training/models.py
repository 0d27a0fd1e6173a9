"""信用修复培训 (Articles 5 and 16): courses on line and on site, who took part, and the certificates."""

from typing import Any

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _


class MadeByOfficers(models.Model):
    """What an organ's officers write, publish and end. ``revision`` grows with each saving."""

    organ = models.ForeignKey(
        "organs.Organ", verbose_name=_("组织单位"), on_delete=models.PROTECT, related_name="+"
    )
    title = models.CharField(_("名称"), max_length=100)
    summary = models.TextField(_("简介"), max_length=2000, help_text=_("讲什么、适合谁参加。"))
    public_interest = models.BooleanField(
        _("公益"), default=True, help_text=_("不收任何费用的勾选，页面和证书上注明“公益”（第十六条）。")
    )
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("编写人"),
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
    )
    made_at = models.DateTimeField(_("编写时间"))
    revision = models.PositiveIntegerField(default=0, editable=False)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.title


class Course(MadeByOfficers):
    """线上课程 as its officers write it. What participants read is an edition of it."""

    class State(models.TextChoices):
        DRAFT = "draft", _("未发布")
        PUBLISHED = "published", _("已发布")
        CLOSED = "closed", _("已停止")

    state = models.CharField(_("状态"), max_length=10, choices=State, default=State.DRAFT)
    pass_percent = models.PositiveSmallIntegerField(
        _("合格线（%）"),
        default=80,
        validators=[MinValueValidator(1), MaxValueValidator(100)],
        help_text=_("答对的题占全部题的百分之几为合格，由组织单位规定，写在课程页面上。可以重考。"),
    )

    class Meta:
        verbose_name = _("线上课程")
        verbose_name_plural = _("线上课程")
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["organ", "-id"], name="course_of_organ"),
            models.Index(fields=["state", "-id"], name="course_open"),
        ]

    @property
    def chain(self) -> str:
        return f"course-{self.pk}"


class Chapter(models.Model):
    course = models.ForeignKey(Course, on_delete=models.CASCADE, related_name="chapters")
    position = models.PositiveSmallIntegerField(_("次序"))
    title = models.CharField(_("标题"), max_length=100)
    text = models.TextField(_("正文"), max_length=20_000, help_text=_("空一行分段。"))

    class Meta:
        verbose_name = _("章")
        verbose_name_plural = _("各章")
        ordering = ["position", "id"]

    def __str__(self) -> str:
        return self.title


class Question(models.Model):
    """单选题. ``options``: one a line; ``right``: the number of the right one, from 1."""

    course = models.ForeignKey(Course, on_delete=models.CASCADE, related_name="questions")
    position = models.PositiveSmallIntegerField(_("次序"))
    text = models.CharField(_("题目"), max_length=300)
    options = models.TextField(_("选项"), max_length=1000, help_text=_("一行一个，2至6个。"))
    right = models.PositiveSmallIntegerField(_("正确的是第几个"), validators=[MinValueValidator(1)])
    why = models.CharField(_("解释"), max_length=300, help_text=_("交卷以后显示：为什么，依据哪一条。"))

    class Meta:
        verbose_name = _("测验题")
        verbose_name_plural = _("测验题")
        ordering = ["position", "id"]

    def __str__(self) -> str:
        return self.text


class Edition(models.Model):
    """The text of a course as it was published, once for all: whoever began with it ends with it. Written once.

    ``content``: {title, summary, public_interest, needed, chapters: [{title, text}], questions: [{text, options, right,
    why}]}; ``needed``: so many right answers pass.
    """

    course = models.ForeignKey(Course, on_delete=models.PROTECT, related_name="editions")
    number = models.PositiveIntegerField(_("版次"))
    content = models.JSONField()
    published_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    published_at = models.DateTimeField(_("发布时间"))

    class Meta:
        ordering = ["-number"]
        constraints = [models.UniqueConstraint(fields=["course", "number"], name="edition_once")]

    def __str__(self) -> str:
        return f"{self.content['title']} v{self.number}"

    @property
    def title(self) -> str:
        return str(self.content["title"])

    @property
    def chapters(self) -> list[dict[str, str]]:
        return list(self.content["chapters"])

    @property
    def questions(self) -> list[dict[str, Any]]:
        return list(self.content["questions"])

    @property
    def needed(self) -> int:
        return int(self.content["needed"])


class Study(models.Model):
    """Somebody takes an edition of a course, for a subject that he or she acts for."""

    course = models.ForeignKey(Course, on_delete=models.PROTECT, related_name="studies")
    edition = models.ForeignKey(Edition, on_delete=models.PROTECT, related_name="studies")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="studies")
    subject = models.ForeignKey("subjects.Subject", on_delete=models.PROTECT, related_name="studies")
    # So many chapters, from the first, were read.
    chapters_read = models.PositiveSmallIntegerField(default=0)
    # Of the quiz: how often it was handed in, what was answered last (the numbers of the options), and so many right.
    tries = models.PositiveIntegerField(default=0)
    answers = models.JSONField(default=list)
    right = models.PositiveSmallIntegerField(default=0)
    begun_at = models.DateTimeField(_("开始时间"))
    passed_at = models.DateTimeField(_("合格时间"), null=True, blank=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["course", "person", "subject"],
                condition=Q(passed_at__isnull=True),
                name="study_open_once",
            )
        ]

    def __str__(self) -> str:
        return str(self.edition)

    @property
    def chain(self) -> str:
        return f"study-{self.pk}"

    @property
    def all_read(self) -> bool:
        return self.chapters_read >= len(self.edition.chapters)


class Meeting(MadeByOfficers):
    """现场培训: a place, a time, and so many places. ``taken`` counts the people whose enrolments stand."""

    class State(models.TextChoices):
        DRAFT = "draft", _("未发布")
        PUBLISHED = "published", _("已发布")
        CANCELLED = "cancelled", _("已取消")

    state = models.CharField(_("状态"), max_length=10, choices=State, default=State.DRAFT)
    place = models.CharField(_("地点"), max_length=200, help_text=_("地址和房间，照着能找到。"))
    starts_at = models.DateTimeField(_("开始时间"))
    ends_at = models.DateTimeField(_("结束时间"))
    enrol_until = models.DateTimeField(_("报名截止"))
    places = models.PositiveIntegerField(_("名额"), validators=[MinValueValidator(1)])
    taken = models.PositiveIntegerField(_("已报名"), default=0, editable=False)
    cancel_reason = models.CharField(_("取消原因"), max_length=300, blank=True, editable=False)

    class Meta:
        verbose_name = _("现场培训")
        verbose_name_plural = _("现场培训")
        ordering = ["-starts_at", "-id"]
        constraints = [
            models.CheckConstraint(name="meeting_not_overbooked", condition=Q(taken__lte=F("places"))),
            models.CheckConstraint(
                name="meeting_times_in_order",
                condition=Q(ends_at__gt=F("starts_at"), enrol_until__lte=F("starts_at")),
            ),
        ]
        indexes = [
            models.Index(fields=["organ", "-starts_at", "-id"], name="meeting_of_organ"),
            models.Index(fields=["state", "starts_at", "id"], name="meeting_to_come"),
        ]

    @property
    def chain(self) -> str:
        return f"meeting-{self.pk}"

    @property
    def left(self) -> int:
        return self.places - self.taken


class Enrolment(models.Model):
    """A person has a place in a meeting, for a subject that he or she acts for; for several subjects it is one place."""

    class State(models.TextChoices):
        ENROLLED = "enrolled", _("已报名")
        CANCELLED = "cancelled", _("已取消")
        ATTENDED = "attended", _("已参加")
        ABSENT = "absent", _("没有参加")

    meeting = models.ForeignKey(Meeting, on_delete=models.PROTECT, related_name="enrolments")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="enrolments")
    subject = models.ForeignKey("subjects.Subject", on_delete=models.PROTECT, related_name="enrolments")
    state = models.CharField(_("状态"), max_length=10, choices=State, default=State.ENROLLED)
    enrolled_at = models.DateTimeField(_("报名时间"))

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["meeting", "person", "subject"], name="enrolment_for_subject_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.meeting} {self.person}"

    @property
    def chain(self) -> str:
        return f"enrolment-{self.pk}"


class Organiser(models.Model):
    """其他组织单位: whose certificates are recorded here, once an officer of ``organ`` has looked at each."""

    organ = models.ForeignKey(
        "organs.Organ", verbose_name=_("登记单位"), on_delete=models.PROTECT, related_name="+"
    )
    name = models.CharField(_("名称"), max_length=100)
    active = models.BooleanField(_("接受新的登记"), default=True)

    class Meta:
        verbose_name = _("其他培训组织单位")
        verbose_name_plural = _("其他培训组织单位")
        ordering = ["name", "id"]
        constraints = [models.UniqueConstraint(fields=["organ", "name"], name="organiser_once")]

    def __str__(self) -> str:
        return self.name

    @property
    def chain(self) -> str:
        return f"organiser-{self.pk}"


class TrainingCertificate(models.Model):
    """培训证书: one of ours, with its document; or another organiser's, with the file that shows it."""

    class State(models.TextChoices):
        WAITING = "waiting", _("待核对")
        VALID = "valid", _("有效")
        REJECTED = "rejected", _("核对未通过")
        VOID = "void", _("已作废")

    organ = models.ForeignKey(
        "organs.Organ", verbose_name=_("登记单位"), on_delete=models.PROTECT, related_name="+"
    )
    number = models.CharField(_("证书编号"), max_length=80, db_index=True)
    # By which it is found however it is typed (rules.sameness.plain_number).
    plain_number = models.CharField(max_length=80, db_index=True, editable=False)
    subject = models.ForeignKey(
        "subjects.Subject",
        verbose_name=_("信用主体"),
        on_delete=models.PROTECT,
        related_name="training_certificates",
    )
    person_name = models.CharField(_("参加人"), max_length=80)
    # Whose account it is.
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="training_certificates"
    )
    title = models.CharField(_("培训名称"), max_length=100)
    completed_on = models.DateField(_("完成日期"))
    state = models.CharField(_("状态"), max_length=10, choices=State)
    # Of ours.
    document = models.OneToOneField(
        "documents.Document", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    study = models.OneToOneField(
        Study, on_delete=models.PROTECT, null=True, blank=True, related_name="certificate"
    )
    enrolment = models.OneToOneField(
        Enrolment, on_delete=models.PROTECT, null=True, blank=True, related_name="certificate"
    )
    # Of ours, of which what was wrong is right in this one: that one is void.
    replaces = models.OneToOneField(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="replaced_by"
    )
    # Of another organiser.
    organiser = models.ForeignKey(
        Organiser,
        verbose_name=_("组织单位"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="certificates",
    )
    proof = models.OneToOneField(
        "files.StoredFile", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    recorded_at = models.DateTimeField(_("登记时间"))
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("核对人"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
    )
    decided_at = models.DateTimeField(_("核对时间"), null=True, blank=True)
    reason = models.CharField(_("说明"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("培训证书")
        verbose_name_plural = _("培训证书登记簿")
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                name="trainingcertificate_ours_or_others",
                condition=Q(document__isnull=False, organiser__isnull=True, proof__isnull=True)
                | Q(document__isnull=True, organiser__isnull=False, proof__isnull=False),
            ),
            models.UniqueConstraint(
                fields=["organiser", "plain_number"],
                condition=Q(organiser__isnull=False) & ~Q(state="rejected"),
                name="trainingcertificate_once",
            ),
        ]
        indexes = [
            models.Index(fields=["organ", "-id"], name="trainingcertificate_register"),
            models.Index(fields=["subject", "-completed_on", "-id"], name="trainingcertificate_latest"),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def chain(self) -> str:
        return self.document.about if self.document else f"certificate-{self.pk}"

    @property
    def issuer(self) -> str:
        return str(self.organiser or self.organ)
