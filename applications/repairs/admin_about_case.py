"""What an officers' admin of something about a case shares with the others: the page on which it begins shows the case, and
all that is read is read about the case."""

from collections.abc import Mapping
from typing import Any, TypeVar

from django.contrib import admin
from django.db.models import Model
from django.utils.translation import gettext_lazy

from applications.accounts.admin_access import OrganScopedAdmin
from applications.repairs.models import RepairCase

M = TypeVar("M", bound=Model)


class AboutCase(OrganScopedAdmin[M]):
    """``M`` has a ``case``; an address with a ``case_id`` shows that case."""

    def shown_object(self, arguments: Mapping[str, Any]) -> Model | None:
        if "case_id" in arguments:
            return RepairCase.objects.filter(pk=arguments["case_id"]).first()
        return super().shown_object(arguments)

    def reading_chain(self, obj: Any) -> str:
        case: RepairCase = obj if isinstance(obj, RepairCase) else obj.case
        return case.number

    @admin.display(description=gettext_lazy("信用主体"))
    def subject(self, obj: Any) -> str:
        return str(obj.case.record.subject.name)
