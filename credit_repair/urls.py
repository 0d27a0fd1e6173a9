from django.contrib import admin
from django.urls import include, path

handler500 = "credit_repair.errors.server_error"

urlpatterns = [
    path("", include("applications.portal.urls")),
    path("accounts/", include("applications.accounts.urls")),
    path("accounts/", include("allauth.account.urls")),
    path("subjects/", include("applications.subjects.urls")),
    path("messages/", include("applications.notifications.urls")),
    path("records/", include("applications.records.urls")),
    path("a/", include("applications.repairs.urls")),
    path("objections/", include("applications.objections.urls")),
    path("reports/", include("applications.reports.urls")),
    path("", include("applications.documents.urls")),
    path("", include("applications.deadlines.urls")),
    path("oversight/", include("applications.oversight.urls")),
    path("admin/", admin.site.urls),
]
