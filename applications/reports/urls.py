from django.urls import path

from applications.reports import views

app_name = "reports"
urlpatterns = [path("", views.own_reports, name="list")]
