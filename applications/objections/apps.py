from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ObjectionsConfig(AppConfig):
    name = "applications.objections"
    default_auto_field = "django.db.models.BigAutoField"
    verbose_name = _("异议")

    def ready(self) -> None:
        from applications.objections import held, receivers  # noqa: F401
