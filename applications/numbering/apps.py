from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class NumberingConfig(AppConfig):
    name = "applications.numbering"
    default_auto_field = "django.db.models.BigAutoField"
    verbose_name = _("编号")
