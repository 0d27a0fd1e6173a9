from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class NotificationsConfig(AppConfig):
    name = "applications.notifications"
    default_auto_field = "django.db.models.BigAutoField"
    verbose_name = _("通知")

    def ready(self) -> None:
        from applications.at_rest.renewing import register_columns
        from applications.notifications import held, receivers  # noqa: F401
        from applications.notifications.models import Phone

        register_columns(Phone, "sealed_number")
