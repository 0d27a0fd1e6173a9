from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class SharingConfig(AppConfig):
    name = "applications.sharing"
    default_auto_field = "django.db.models.BigAutoField"
    verbose_name = _("信息共享")
