from django.urls import path

from applications.deadlines import views

app_name = "deadlines"
urlpatterns = [
    path("deadlines/", views.calculator, name="calculator"),
    path("healthz/", views.health, name="health"),
]
