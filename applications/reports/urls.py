from django.urls import path

from applications.reports import views

app_name = "reports"
urlpatterns = [
    path("", views.own_reports, name="list"),
    path("<int:pk>/", views.own_report, name="report"),
    path("<int:pk>/extend/", views.extend, name="extend"),
    path("ask/<int:subject_id>/", views.ask, name="ask"),
    path("requests/<int:pk>/", views.asked, name="request"),
    path("requests/<int:pk>/withdraw/", views.withdraw, name="withdraw"),
]
