from django.urls import path

from applications.notifications.views import messages, settings

app_name = "notifications"
urlpatterns = [
    path("", messages.inbox, name="inbox"),
    path("settings/", settings.preferences, name="settings"),
    path("settings/phone/", settings.phone, name="phone"),
    path("settings/phone/code/", settings.phone_code, name="phone_code"),
    path("settings/phone/remove/", settings.phone_remove, name="phone_remove"),
    path("texts/receipts/", settings.text_receipt, name="text_receipt"),
    path("read/", messages.mark_all_read, name="mark_all_read"),
    path("<int:pk>/", messages.message, name="message"),
    path("<int:pk>/read/", messages.mark_read, name="mark_read"),
]
