from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class SharingConfig(AppConfig):
    name = "applications.sharing"
    default_auto_field = "django.db.models.BigAutoField"
    verbose_name = _("信息共享")

    def ready(self) -> None:
        from applications.at_rest.renewing import register_columns
        from applications.sharing.models import Destination

        register_columns(Destination, "sealed_key")
