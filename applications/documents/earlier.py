"""What the content of a letter lacks that an earlier release issued and did not render: what that release printed there."""

from typing import Any

from django.utils.translation import gettext as _

from applications.documents.models import Document, Kind
from applications.documents.templatetags.dates import zh_date


def completed(document: Document) -> dict[str, Any]:
    """The content of a document with every key that its template needs today; what was issued stands as it is."""
    add = _ADDED.get(Kind(document.kind))
    added = add(document) if add else {}
    return {**added, **document.content}


def _repair_notice(document: Document) -> dict[str, Any]:
    # It said of every record that it is publicised.
    return {"public": True}


def _non_acceptance_notice(document: Document) -> dict[str, Any]:
    ways = []
    if body := document.content.get("competent_body"):
        ways.append(_("本事项由%(body)s办理，请向该单位提出申请。") % {"body": body})
    if day := document.content.get("earliest_on"):
        ways.append(_("自%(day)s起，可以再次提出申请。") % {"day": zh_date(day)})
    return {"whereto": "".join(ways) or _("上述情形消除后，可以随时再次提出申请，不限次数。")}


def _grant_decision(document: Document) -> dict[str, Any]:
    unit = document.content["record"].get("identifying_unit")
    other = [unit] if unit and unit != document.organ.name else []
    return {"copies": [_("同级公共信用信息共享平台"), *other]}


_ADDED = {
    Kind.REPAIR_NOTICE: _repair_notice,
    Kind.NON_ACCEPTANCE_NOTICE: _non_acceptance_notice,
    Kind.GRANT_DECISION: _grant_decision,
}
