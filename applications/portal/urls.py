from django.urls import path
from django.views.generic import RedirectView

from applications.portal.views import desk, home, records, search, tracking

app_name = "portal"
to_home = RedirectView.as_view(pattern_name="portal:home")
urlpatterns = [
    path("", home.home, name="home"),
    path("guide/", to_home, name="guide"),
    path("check/", to_home, name="check"),
    path("track/", tracking.track, name="track"),
    path("track/<slug:number>/", tracking.tracked, name="tracked"),
    path("desk/", desk.desk, name="desk"),
    path("search/", search.search, name="search"),
    path("records/", records.record_list, name="records"),
    path("records/<int:record_id>/", records.record, name="record"),
]
