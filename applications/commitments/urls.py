from django.urls import path

from applications.commitments import views

app_name = "commitments"
urlpatterns = [
    path("", views.public_list, name="list"),
    path("<int:pk>/", views.public_detail, name="detail"),
    path("own/", views.own, name="own"),
    path("own/<int:subject_id>/promise/", views.promise, name="promise"),
    path("own/<int:pk>/withdraw/", views.withdraw, name="withdraw"),
]
