from datetime import date

from django.urls import path, register_converter

from applications.documents import views


class IsoDay:
    """2026-12-02 in an address."""

    regex = r"\d{4}-\d{2}-\d{2}"

    def to_python(self, value: str) -> date:
        return date.fromisoformat(value)

    def to_url(self, value: date) -> str:
        return value.isoformat()


register_converter(IsoDay, "iso_day")

app_name = "documents"
urlpatterns = [
    path("v/", views.verify, name="verify"),
    path("v/keys.json", views.keys, name="keys"),
    path("v/status.json", views.status_lists, name="status_lists"),
    path("v/status/<iso_day:day>-<int:part>.json", views.status_list, name="status_list"),
    path("v/content.schema.json", views.content_schema, name="content_schema"),
    path("v/<str:code>/", views.verified, name="verified"),
    path("documents/<uuid:document_id>/", views.download, name="download"),
    path("documents/<uuid:document_id>/english/", views.english, name="english"),
]
