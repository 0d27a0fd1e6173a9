from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class RehearsalConfig(AppConfig):
    name = "applications.rehearsal"
    verbose_name = _("演练")
