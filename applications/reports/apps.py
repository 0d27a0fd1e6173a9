from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ReportsConfig(AppConfig):
    name = "applications.reports"
    default_auto_field = "django.db.models.BigAutoField"
    verbose_name = _("信用报告")

    def ready(self) -> None:
        from applications.documents import access as document_access
        from applications.documents import verification
        from applications.repairs import registers
        from applications.reports import held  # noqa: F401
        from applications.reports.access import reads_own_report
        from applications.reports.selectors import (
            extended_until,
            has_changed_since,
            institutions_listed,
            latest_valid,
            lists_institution,
            registered,
        )

        document_access.register(reads_own_report)
        verification.register_change_check(has_changed_since)
        verification.register_extension(extended_until)
        registers.register_reports(registered, latest_valid)
        registers.register_institutions(institutions_listed, lists_institution)
