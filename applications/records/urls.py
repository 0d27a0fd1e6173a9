from django.urls import path

from applications.records import views

app_name = "records"
urlpatterns = [
    path("<int:record_id>/history/", views.history, name="history"),
]
