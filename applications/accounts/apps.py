from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AccountsConfig(AppConfig):
    name = "applications.accounts"
    default_auto_field = "django.db.models.BigAutoField"
    verbose_name = _("人员与账号")

    def ready(self) -> None:
        from django.core.validators import MaxLengthValidator

        from applications.accounts import held, receivers  # noqa: F401
        from applications.accounts.form_helper import TOO_LONG

        # Django's own words speak of a variable.
        MaxLengthValidator.message = TOO_LONG
