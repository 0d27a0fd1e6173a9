from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class RecordsConfig(AppConfig):
    name = "applications.records"
    default_auto_field = "django.db.models.BigAutoField"
    verbose_name = _("失信行为信息")

    def ready(self) -> None:
        from applications.documents import access as documents
        from applications.documents import verification
        from applications.files import pending
        from applications.records import access, held, receivers  # noqa: F401
        from applications.records.services import runs
        from applications.records.services.notices import has_changed_since

        documents.register(access.may_read_document)
        verification.register_change_check(has_changed_since)
        pending.register_in_use(runs.PURPOSE, runs.who_waits_for_a_worker)
