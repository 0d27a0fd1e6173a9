from django.urls import path

from applications.objections import views

app_name = "objections"
urlpatterns = [
    path("<slug:number>/", views.file, name="file"),
    path("<slug:number>/evidence/<int:evidence_id>/", views.open_evidence, name="open_evidence"),
]
