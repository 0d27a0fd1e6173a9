from django.urls import path, re_path

from applications.accounts import views

app_name = "accounts"
urlpatterns = [
    path("resend-verification/", views.resend_verification, name="resend"),
    path("typed/keep/", views.keep_typed, name="keep_typed"),
    path("typed/<int:pk>/discard/", views.discard_typed, name="discard_typed"),
    # In the place of django-allauth's pages of these addresses, which they call.
    path("email/", views.email),
    re_path(r"^confirm-email/(?P<key>[-:\w]+)/$", views.confirm_email),
]
