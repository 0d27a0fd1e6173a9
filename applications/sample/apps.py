from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class SampleConfig(AppConfig):
    name = "applications.sample"
    verbose_name = _("示例省份")
