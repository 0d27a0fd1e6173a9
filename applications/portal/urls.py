from django.urls import path
from django.views.generic import RedirectView

from applications.portal.views import home

app_name = "portal"
to_home = RedirectView.as_view(pattern_name="portal:home")
urlpatterns = [
    path("", home.home, name="home"),
    path("guide/", to_home, name="guide"),
    path("check/", to_home, name="check"),
    path("track/", to_home, name="track"),
    path("desk/", to_home, name="desk"),
    path("search/", to_home, name="search"),
    path("records/", to_home, name="records"),
    path("records/<int:record_id>/", to_home, name="record"),
]
