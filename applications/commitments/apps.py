from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CommitmentsConfig(AppConfig):
    name = "applications.commitments"
    default_auto_field = "django.db.models.BigAutoField"
    verbose_name = _("信用承诺")
