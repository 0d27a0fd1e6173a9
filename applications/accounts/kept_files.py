"""A form whose good files wait while something else in it is put right, so that nobody has to choose them again."""

from typing import TYPE_CHECKING, Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext as _

from applications.accounts.examining import examined
from applications.accounts.models import User
from applications.files import pending
from applications.files.inspection import Inspected, Upload, clean_name

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise


class SeveralFilesInput(forms.ClearableFileInput):
    allow_multiple_selected = True


class SeveralFilesField(forms.FileField):
    """Any number of files. What is in them is examined by the files app, one by one."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault(
            "widget",
            SeveralFilesInput(
                attrs={"accept": ".pdf,.jpg,.jpeg,.jfif,.png,application/pdf,image/jpeg,image/png"}
            ),
        )
        super().__init__(allow_empty_file=True, **kwargs)

    def clean(self, data: Any, initial: Any = None) -> list[Any]:
        files = data if isinstance(data, list | tuple) else [data] if data else []
        if self.required and not files:
            raise forms.ValidationError(_("请先选择文件。"))
        return [super(SeveralFilesField, self).clean(file, initial) for file in files]


class KeepsFiles(forms.Form):
    """The field ``files_field`` takes one file, or up to ``most`` of them where it is a SeveralFilesField.

    Of an invalid form nothing is stored. Good uploads wait (files.pending) and come back in ``kept`` by a token that
    only their sender can use (includes/kept_files.html). Where the form is right ``cleaned_data`` has them examined: the
    one file or None, or the list. ``files_needed``: what is said where there is none; empty: none is needed.
    """

    files_field: ClassVar[str]
    purpose: ClassVar[str]
    files_needed: "ClassVar[StrOrPromise]" = ""
    most: ClassVar[int] = 1

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user
        self.kept_reference = ""
        found = pending.find_examined(self.data.get("kept", ""), user=user, purpose=self.purpose)
        dropped = self.data.getlist("dropped") if isinstance(self.data, MultiValueDict) else []
        self.kept: list[Inspected] = [each for at, each in enumerate(found) if str(at) not in dropped]

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        name, several = self.files_field, self.most > 1
        brought: Any = cleaned.get(name) or []
        uploads: list[Upload] = brought if several else [brought] if brought else []
        for upload in uploads:
            if several and len(self.kept) == self.most:
                self.add_error(
                    name,
                    _(
                        "最多%(most)d个文件，“%(name)s”没有保留。要换的，请勾选不要的文件，再选择一次这个文件。"
                    )
                    % {"most": self.most, "name": clean_name(upload.name or "")},
                )
                continue
            try:
                file = examined(upload, user=self.user)
            except ValidationError as refused:
                self.add_error(name, refused)
            else:
                self.kept = [*self.kept, file] if several else [file]
        if self.files_needed and not self.kept and name not in self.errors:
            self.add_error(name, ValidationError(self.files_needed, code="required"))
        if name not in self.errors:
            cleaned[name] = self.kept if several else next(iter(self.kept), None)
        return cleaned

    def keep_files(self) -> None:
        """Let the good files wait until the form is right; called where the form is shown again."""
        if not self.kept:
            return
        self.kept_reference = pending.keep_examined(self.kept, user=self.user, purpose=self.purpose)
        if not self.kept_reference:
            for each in self.kept:
                self.add_error(
                    self.files_field,
                    _("“%(name)s”没有保留下来。请改正其他各项后再选择一次这个文件。") % {"name": each.name},
                )
            self.kept = []
