"""The list of credit service institutions, as a department keeps it."""

from django.contrib import admin

from applications.accounts.admin_names import ListedNamesAdmin
from applications.organs.models import Organ
from applications.reports import access
from applications.reports.models import Institution


@admin.register(Institution)
class InstitutionAdmin(ListedNamesAdmin[Institution]):
    """Whose reports an officer need not ask after."""

    noun = "institution"
    impersonal = "the names of institutions"
    view_roles = access.LISTING_ROLES
    organ_kinds = (Organ.Kind.CREDIT_MANAGEMENT,)
    visible_to = staticmethod(access.institutions_visible_to)
