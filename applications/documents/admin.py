"""发文登记簿: every letter that an organ has issued, under its number, with what became of it."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from applications.accounts.admin_exports import ExportColumn as Column
from applications.accounts.admin_exports import ExportsList
from applications.accounts.admin_filters import DayRangeFilter
from applications.accounts.admin_lists import KeysFirst
from applications.documents import admin_remedies, admin_seals  # noqa: F401
from applications.documents.access import OFFICERS, issued_by_organ_of
from applications.documents.models import Document
from applications.organs.models import Organ


def standing(document: Document) -> str:
    """What became of a letter."""
    if document.status == Document.Status.VOID:
        return _("已作废")
    later: Document | None = getattr(document, "replaced_by", None)
    return _("已被%(number)s取代") % {"number": later.number} if later else _("有效")


def signer(document: Document) -> str:
    """Who signed it in the organ. What is made when somebody files, such as the receipt, no officer signs."""
    by = document.issued_by
    return by.name if by and by.is_staff else _("系统")


@admin.register(Document)
class DocumentAdmin(ExportsList[Document]):
    view_roles = OFFICERS
    # A department issues no letters.
    organ_kinds = (Organ.Kind.IDENTIFYING_UNIT, Organ.Kind.CREDIT_BUREAU)
    visible_to = staticmethod(issued_by_organ_of)
    list_display = ("number", "kind", "addressee", "about", "issued", "signer", "standing", "letter")
    list_filter = ("kind", ("issued_at", DayRangeFilter), "status")
    list_select_related = ("issued_by", "replaced_by")
    list_per_page = 50
    search_fields = ("number__startswith", "about__startswith")
    search_help_text = gettext_lazy("文号或者办件编号（从头输入）")
    show_full_result_count = False
    paginator = KeysFirst
    # In the order of an index; any other would read every letter of the organ.
    sortable_by = ()
    ordering = ("-issued_at", "-id")
    fields = (
        "number",
        "kind",
        "organ",
        "addressee",
        "about",
        "issued_at",
        "signer",
        "standing",
        "void_reason",
        "voided_at",
        "letter",
    )
    export_columns = (
        Column(gettext_lazy("文号"), lambda letter: letter.number),
        Column(gettext_lazy("文种"), lambda letter: letter.get_kind_display()),
        Column(gettext_lazy("相对人"), lambda letter: letter.addressee),
        Column(gettext_lazy("办件编号"), lambda letter: letter.about),
        Column(gettext_lazy("出具时间"), lambda letter: f"{localtime(letter.issued_at):%Y-%m-%d %H:%M}"),
        Column(gettext_lazy("签发人"), signer),
        Column(gettext_lazy("状态"), standing),
        Column(gettext_lazy("作废原因"), lambda letter: letter.void_reason),
    )

    @staticmethod
    def exported(letters: QuerySet[Any]) -> QuerySet[Document]:
        return letters.select_related("issued_by", "replaced_by").defer("content")

    def reading_chain(self, document: Document) -> str:
        return document.about

    def get_readonly_fields(self, request: HttpRequest, obj: Document | None = None) -> tuple[str, ...]:
        return self.fields

    @admin.display(description=gettext_lazy("出具时间"))
    def issued(self, document: Document) -> str:
        return f"{localtime(document.issued_at):%Y-%m-%d %H:%M}"

    @admin.display(description=gettext_lazy("签发人"))
    def signer(self, document: Document) -> str:
        return signer(document)

    @admin.display(description=gettext_lazy("状态"))
    def standing(self, document: Document) -> str:
        return standing(document)

    @admin.display(description=gettext_lazy("原文"))
    def letter(self, document: Document) -> str:
        if document.pdf_id is None:
            return _("正在生成")
        address = reverse("documents:download", args=[document.pk])
        return format_html('<a href="{}">{}</a>', address, _("打开"))
