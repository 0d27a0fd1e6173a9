from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class DocumentsConfig(AppConfig):
    name = "applications.documents"
    default_auto_field = "django.db.models.BigAutoField"
    verbose_name = _("文书")

    def ready(self) -> None:
        from applications.documents import asking, remedies, seal_pictures, signing
        from applications.files.inspection import register_issued
        from applications.organs.standing import register

        register(remedies.standing)
        register(seal_pictures.standing)
        register(signing.standing)
        register_issued(asking.is_issued)
