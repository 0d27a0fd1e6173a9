from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class RepairsConfig(AppConfig):
    name = "applications.repairs"
    default_auto_field = "django.db.models.BigAutoField"
    verbose_name = _("信用修复申请")

    def ready(self) -> None:
        from applications.documents import access as documents
        from applications.records import uses
        from applications.repairs import access, receivers, selectors  # noqa: F401

        documents.register(access.may_read_document)
        uses.register(selectors.uses)
