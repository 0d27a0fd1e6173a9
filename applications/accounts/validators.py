from django.contrib.auth.password_validation import MinimumLengthValidator
from django.utils.translation import gettext as _


class LongEnough(MinimumLengthValidator):
    """Django's rule in Chinese words, which its catalogue lacks."""

    def get_error_message(self) -> str:
        return _("密码太短，至少要有%(length)d个字符。") % {"length": self.min_length}

    def get_help_text(self) -> str:
        return _("密码至少要有%(length)d个字符。") % {"length": self.min_length}
