from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class DeadlinesConfig(AppConfig):
    name = "applications.deadlines"
    default_auto_field = "django.db.models.BigAutoField"
    verbose_name = _("法定期限")

    def ready(self) -> None:
        from applications.calendars.impact import register
        from applications.deadlines import claims, impact, receivers  # noqa: F401

        register(impact)
