"""What an applicant ticks to apply for several records in one sitting."""

from collections.abc import Collection, Iterator, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from applications.organs.models import Organ
from applications.records.models import DishonestyRecord
from applications.repairs.services.drafts import MAX_RECORDS
from applications.repairs.services.reuse import Offer


class AgainField(forms.MultipleChoiceField):
    """What is used again. What has gone meanwhile is left out rather than refused: nothing depends on it."""

    widget = forms.CheckboxSelectMultiple

    def __init__(self, offers: Sequence[Offer]) -> None:
        self.usable = usable = [offer.key for offer in offers if not offer.refused]
        super().__init__(
            label=_("再用以前的材料"),
            choices=[(key, key) for key in usable],
            initial=[offer.key for offer in offers if not (offer.refused or offer.is_doubtful)],
            required=False,
        )

    def clean(self, value: Any) -> list[str]:
        return [key for key in self.to_python(value) if key in self.usable]


def with_kind(obj: Any) -> str:
    """An organ with what it is."""
    return gettext("%(organ)s（%(kind)s）") % {"organ": obj.name, "kind": obj.get_kind_display()}


class UsesAgain(forms.Form):
    """A form with which an application begins."""

    def __init__(self, *args: Any, offers: Sequence[Offer] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["again"] = AgainField(offers)

    @property
    def again_ticked(self) -> set[str]:
        return {*(self["again"].value() or ())}


class TogetherForm(UsesAgain):
    """Some of the records of one subject, each with the organ that it goes to."""

    def __init__(
        self,
        *args: Any,
        records: Sequence[tuple[DishonestyRecord, list[Organ]]],
        ticked: Collection[int] = (),
        already: int = 0,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.already = already
        self.records = {record.pk: record for record, _organs in records}
        self.organs = {record.pk: {organ.pk: organ for organ in organs} for record, organs in records}
        self.fields["records"] = forms.TypedMultipleChoiceField(
            label=_("一并申请哪些记录"),
            choices=[(record.pk, str(record)) for record, _organs in records],
            coerce=int,
            initial=[pk for pk in ticked if pk in self.records],
            error_messages={
                "required": _("请至少选择一条要申请修复的失信行为信息。"),
                "invalid_choice": _("您选择的记录中，有的现在不能一并申请。请按页面上的说明重新选择。"),
            },
        )
        for record, organs in records:
            self.fields[f"organ_{record.pk}"] = forms.TypedChoiceField(
                label=_("%(record)s向哪个机构申请") % {"record": record},
                choices=[(organ.pk, with_kind(organ)) for organ in organs],
                coerce=int,
                initial=organs[0].pk,
                required=False,
                widget=forms.Select(attrs={"class": "form-select"}),
            )

    def rows(self) -> Iterator[tuple[DishonestyRecord, forms.BoundField]]:
        """The records, each with the choice of its organ."""
        return ((record, self[f"organ_{pk}"]) for pk, record in self.records.items())

    @property
    def ticked(self) -> set[int]:
        """The records that are ticked, by their ids."""
        return {int(each) for each in self["records"].value() or [] if str(each).isdecimal()}

    def clean_records(self) -> list[int]:
        chosen: list[int] = self.cleaned_data["records"]
        most = MAX_RECORDS - self.already
        if len(chosen) > most:
            raise forms.ValidationError(
                _("一次最多一并申请%(most)s条，您选择了%(n)s条。请取消一些，其余的另行申请。"),
                params={"most": most, "n": len(chosen)},
            )
        return chosen

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        for pk in data.get("records", []):
            if not data.get(f"organ_{pk}") and f"organ_{pk}" not in self.errors:
                self.add_error(f"organ_{pk}", _("请选择这条记录向哪个机构申请。"))
        return data

    def choices(self) -> list[tuple[DishonestyRecord, Organ]]:
        """The records that were ticked, each with its organ."""
        return [
            (self.records[pk], self.organs[pk][self.cleaned_data[f"organ_{pk}"]])
            for pk in self.cleaned_data["records"]
        ]
