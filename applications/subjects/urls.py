from django.urls import path

from applications.subjects import views

app_name = "subjects"
urlpatterns = [
    path("", views.mine, name="mine"),
    path("claim/", views.claim, name="claim"),
    path("proofs/<uuid:file_id>/", views.proof, name="proof"),
]
