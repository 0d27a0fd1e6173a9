from django.urls import path

from applications.oversight.views import desk, policies

app_name = "oversight"
urlpatterns = [
    path("", desk.desk, name="desk"),
    path("clocks/<slug:shown>/", desk.clocks, name="clocks"),
    path("refusals/", desk.refusals, name="refusals"),
    path("objections/", desk.objections, name="objections"),
    path("corrections/", desk.corrections, name="corrections"),
    path("deliveries/<slug:state>/", desk.deliveries, name="deliveries"),
    path("policies/", policies.overview, name="policies"),
    path("policies/try/", policies.try_policy, name="try"),
    path("replays/<int:run_id>/", policies.replay, name="replay"),
    path("replays/<int:run_id>/affected.csv", policies.affected, name="affected"),
    path("adoptions/<int:adoption_id>/", policies.adoption, name="adoption"),
    path("adoptions/<int:adoption_id>/approve/", policies.approve, name="approve"),
    path("adoptions/<int:adoption_id>/reject/", policies.reject, name="reject"),
]
