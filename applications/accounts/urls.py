from django.urls import path

from applications.accounts import views

app_name = "accounts"
urlpatterns = [path("resend-verification/", views.resend_verification, name="resend")]
