from django.urls import path

from applications.training.views import offers, taking

app_name = "training"
urlpatterns = [
    path("", offers.offered, name="offered"),
    path("calendar.ics", offers.calendar, name="calendar"),
    path("courses/<int:pk>/", offers.course, name="course"),
    path("courses/<int:pk>/begin/", taking.begin, name="begin"),
    path("meetings/<int:pk>/", offers.meeting, name="meeting"),
    path("meetings/<int:pk>/calendar.ics", offers.meeting_calendar, name="meeting_calendar"),
    path("meetings/<int:pk>/enrol/", taking.enrol, name="enrol"),
    path("enrolments/<int:pk>/cancel/", taking.give_up, name="give_up"),
    path("mine/", taking.mine, name="mine"),
    path("outside/", taking.outside, name="outside"),
    path("studies/<int:pk>/", taking.study, name="study"),
    path("studies/<int:pk>/chapters/<int:number>/", taking.chapter, name="chapter"),
    path("studies/<int:pk>/quiz/", taking.quiz, name="quiz"),
    path("studies/<int:pk>/result/", taking.result, name="result"),
    path("studies/<int:pk>/certificate/", taking.certificate, name="certificate"),
]
