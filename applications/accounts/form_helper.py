from typing import TYPE_CHECKING

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Submit

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise


def helper(button: "StrOrPromise") -> FormHelper:
    """How a posted form with one button is laid out."""
    form_helper = FormHelper()
    form_helper.form_method = "post"
    # The browser's own bubbles are not read out in order and vanish; the server answers with a summary.
    form_helper.attrs = {"novalidate": "novalidate"}
    form_helper.add_input(Submit("save", button))
    return form_helper
