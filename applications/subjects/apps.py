from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class SubjectsConfig(AppConfig):
    name = "applications.subjects"
    default_auto_field = "django.db.models.BigAutoField"
    verbose_name = _("信用主体")

    def ready(self) -> None:
        from applications.subjects import held  # noqa: F401
