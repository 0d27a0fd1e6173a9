from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class FilesConfig(AppConfig):
    name = "applications.files"
    default_auto_field = "django.db.models.BigAutoField"
    verbose_name = _("文件")

    def ready(self) -> None:
        from applications.files import renewing  # noqa: F401
