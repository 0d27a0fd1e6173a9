from collections.abc import Iterator
from typing import Any

from django import template
from django.contrib.admin.templatetags.admin_list import ResultList, result_headers
from django.contrib.admin.views.main import ChangeList
from django.utils.html import conditional_escape
from django.utils.safestring import mark_safe

register = template.Library()


@register.inclusion_tag("admin/change_list_results.html")
def own_columns(changelist: ChangeList) -> dict[str, Any]:
    """In place of Django's ``result_list``, for a list whose columns are all methods of its admin: the same rows, but not
    asked of each cell anew what kind of column it is in."""
    return {"result_headers": list(result_headers(changelist)), "results": list(_rows(changelist))}


def _rows(changelist: ChangeList) -> Iterator[Any]:
    admin, links = changelist.model_admin, changelist.list_display_links or ()
    columns = [(name, getattr(admin, name)) for name in map(str, changelist.list_display)]
    for row in changelist.result_list:
        cells = [
            f'<th class="field-{name}"><a href="{conditional_escape(changelist.url_for_result(row))}">'
            f"{conditional_escape(column(row))}</a></th>"
            if name in links
            else f'<td class="{_class(name)}">{conditional_escape(column(row))}</td>'
            for name, column in columns
        ]
        yield ResultList(None, [mark_safe("".join(cells))])


def _class(name: str) -> str:
    return "action-checkbox" if name == "action_checkbox" else f"field-{name}"
