from typing import TYPE_CHECKING

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Submit
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

# Of every field of every form (see apps.py). A browser sends each end of a line as two characters.
TOO_LONG = _(
    "最多%(limit_value)d个字，您写了%(show_value)d个字（标点和空格都算，每次换行算两个字）。内容还在，请删减后再提交。"
)


def helper(button: "StrOrPromise") -> FormHelper:
    """How a posted form with one button is laid out."""
    form_helper = FormHelper()
    form_helper.form_method = "post"
    # The browser's own bubbles are not read out in order and vanish; the server answers with a summary.
    form_helper.attrs = {"novalidate": "novalidate"}
    form_helper.add_input(Submit("save", button))
    return form_helper
