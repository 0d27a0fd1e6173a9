from django.urls import path

from applications.documents import views

app_name = "documents"
urlpatterns = [
    path("v/", views.verify, name="verify"),
    path("v/<str:code>/", views.verified, name="verified"),
    path("documents/<uuid:document_id>/", views.download, name="download"),
    path("documents/<uuid:document_id>/english/", views.english, name="english"),
]
