from django.urls import path

from applications.subjects.views import claims, real_name

app_name = "subjects"
urlpatterns = [
    path("", claims.mine, name="mine"),
    path("claim/", claims.claim, name="claim"),
    path("claims/<int:pk>/capacity/", claims.capacity, name="capacity"),
    path("claims/<int:pk>/correct/", claims.correct, name="correct"),
    path("claims/<int:pk>/withdraw/", claims.withdraw, name="withdraw"),
    path("claims/<int:pk>/end/", claims.end, name="end"),
    path("real-name/", real_name.start, name="real_name"),
    path("real-name/return/", real_name.come_back, name="real_name_return"),
    path("proofs/<uuid:file_id>/", claims.proof, name="proof"),
]
