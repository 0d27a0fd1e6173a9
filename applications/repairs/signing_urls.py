from django.urls import path

from applications.repairs.views.signing_link import sign

app_name = "signing"
urlpatterns = [path("<str:token>/", sign, name="sign")]
