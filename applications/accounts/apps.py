from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AccountsConfig(AppConfig):
    name = "applications.accounts"
    default_auto_field = "django.db.models.BigAutoField"
    verbose_name = _("人员与账号")

    def ready(self) -> None:
        from allauth.mfa.models import Authenticator
        from django.core.validators import MaxLengthValidator

        from applications.accounts import held, receivers  # noqa: F401
        from applications.accounts.form_helper import TOO_LONG
        from applications.accounts.models import TypedText
        from applications.at_rest.renewing import register_columns

        register_columns(TypedText, "content")
        # The secrets of second factors, encrypted by mfa_adapter.py.
        register_columns(Authenticator, "data")

        # Django's own words speak of a variable.
        MaxLengthValidator.message = TOO_LONG
