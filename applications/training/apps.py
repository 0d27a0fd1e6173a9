from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class TrainingConfig(AppConfig):
    name = "applications.training"
    default_auto_field = "django.db.models.BigAutoField"
    verbose_name = _("信用修复培训")

    def ready(self) -> None:
        from applications.documents import access as document_access
        from applications.training import held  # noqa: F401
        from applications.training.access import reads_own_certificate

        document_access.register(reads_own_certificate)
