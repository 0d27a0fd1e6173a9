from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PortalConfig(AppConfig):
    name = "applications.portal"
    default_auto_field = "django.db.models.BigAutoField"
    verbose_name = _("门户")

    def ready(self) -> None:
        from applications.portal import held  # noqa: F401
