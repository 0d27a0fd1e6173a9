"""An applicant's records, each with what can be done about it: under /records/, not with the cases."""

from django.urls import path

from applications.records import views as record_views
from applications.repairs.views import records

app_name = "records"
urlpatterns = [
    path("", records.record_list, name="list"),
    path("<int:record_id>/", records.record, name="record"),
    path("missing/", record_views.missing, name="missing"),
    path("objections/", record_views.objections, name="objections"),
    path("objections/<int:objection_id>/", record_views.objection, name="objection"),
    path(
        "objections/<int:objection_id>/evidence/<uuid:file_id>/",
        record_views.objection_evidence,
        name="objection_evidence",
    ),
    path("<int:record_id>/objection/", record_views.object_to, name="object"),
    path("<int:record_id>/history/", record_views.history, name="history"),
]
