from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class OversightConfig(AppConfig):
    name = "applications.oversight"
    default_auto_field = "django.db.models.BigAutoField"
    verbose_name = _("监督管理")

    def ready(self) -> None:
        from applications.oversight import held  # noqa: F401
