from django.urls import path, re_path

from applications.portal.views import (
    desk,
    home,
    own_data,
    reminders,
    search,
    self_check,
    statements,
    tracking,
)

app_name = "portal"
urlpatterns = [
    path("", home.home, name="home"),
    path("guide/", home.guide, name="guide"),
    path("organs/", statements.organs, name="organs"),
    path("accessibility/", statements.accessibility, name="accessibility"),
    path("privacy/", statements.privacy, name="privacy"),
    re_path(r"^text/(?P<size>large|usual)/$", statements.text_size, name="text_size"),
    path("check/", self_check.question, name="check"),
    path("check/result/", self_check.result, name="check_result"),
    path("check/result.json", self_check.result_json, name="check_json"),
    path("check/result.ics", self_check.result_ics, name="check_ics"),
    path("check/remind/", reminders.remind_address, name="remind_address"),
    path("check/<slug:slug>/", self_check.question, name="check_question"),
    path("remind/confirm/<str:token>/", reminders.remind_confirm, name="remind_confirm"),
    path("remind/stop/<str:token>/", reminders.remind_stop, name="remind_stop"),
    path("remind/records/<int:pk>/", reminders.remind_record, name="remind_record"),
    path("remind/records/<int:pk>/day.ics", reminders.record_ics, name="record_ics"),
    path("track/", tracking.track, name="track"),
    path("track/<slug:number>/", tracking.tracked, name="tracked"),
    path("desk/", desk.desk, name="desk"),
    path("search/", search.search, name="search"),
    path("own-data/", own_data.own_data, name="own_data"),
    path("own-data/account.zip", own_data.take_copy, name="copy_of_account"),
    path("own-data/subject/<int:subject_id>.zip", own_data.take_copy, name="copy_of_subject"),
]
