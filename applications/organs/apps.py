from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class OrgansConfig(AppConfig):
    name = "applications.organs"
    default_auto_field = "django.db.models.BigAutoField"
    verbose_name = _("机构")
