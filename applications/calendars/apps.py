from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CalendarsConfig(AppConfig):
    name = "applications.calendars"
    default_auto_field = "django.db.models.BigAutoField"
    verbose_name = _("工作日历")

    def ready(self) -> None:
        from applications.calendars import held  # noqa: F401
