from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CommitmentsConfig(AppConfig):
    name = "applications.commitments"
    default_auto_field = "django.db.models.BigAutoField"
    verbose_name = _("信用承诺")

    def ready(self) -> None:
        from applications.commitments import held  # noqa: F401
        from applications.commitments.access import reads_own_commitment
        from applications.documents import access as document_access

        document_access.register(reads_own_commitment)
