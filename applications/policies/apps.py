from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PoliciesConfig(AppConfig):
    name = "applications.policies"
    default_auto_field = "django.db.models.BigAutoField"
    verbose_name = _("政策与实施细则")

    def ready(self) -> None:
        from applications.policies import held  # noqa: F401
