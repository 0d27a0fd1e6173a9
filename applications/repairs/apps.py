from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class RepairsConfig(AppConfig):
    name = "applications.repairs"
    default_auto_field = "django.db.models.BigAutoField"
    verbose_name = _("信用修复申请")

    def ready(self) -> None:
        from applications.documents import access as documents
        from applications.documents import asking, verification
        from applications.records import uses
        from applications.repairs import access, held, receivers, selectors  # noqa: F401

        documents.register(access.may_read_document)
        verification.register_change_check(selectors.has_changed_since)
        asking.register_chain(selectors.documents_under)
        uses.register(selectors.uses)
