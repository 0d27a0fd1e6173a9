"""The list of credit service institutions, as a department keeps it."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from applications.accounts.admin_names import ListedNamesAdmin
from applications.organs.models import Organ
from applications.reports import access
from applications.reports.models import Institution


@admin.register(Institution)
class InstitutionAdmin(ListedNamesAdmin[Institution]):
    """Whose reports an officer need not ask after."""

    noun = "institution"
    purpose = _(
        "申请人填写信用报告由哪家机构出具时，名单上的机构可以直接选用；办理人员审查时，页面显示该机构在不在名单上。"
        "名单只作提示：不在名单上的机构出具的报告也可以提交，由办理人员核实。不再使用的请取消勾选“在名单上”，不删除。"
    )
    impersonal = "the names of institutions"
    view_roles = access.LISTING_ROLES
    organ_kinds = (Organ.Kind.CREDIT_MANAGEMENT,)
    visible_to = staticmethod(access.institutions_visible_to)
