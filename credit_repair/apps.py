from django.contrib.admin.apps import AdminConfig


class OfficersSiteConfig(AdminConfig):
    """Django's admin with the portal's own site (see credit_repair/admin_site.py)."""

    default_site = "credit_repair.admin_site.CreditRepairAdminSite"
