"""Why the rules said what they said about a case, as data."""

from django.contrib.auth.decorators import login_required
from django.http import JsonResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe

from applications.accounts.http import SignedInRequest
from applications.repairs import access
from applications.repairs.explaining import explanations_as_json


@login_required
@require_safe
def explanations(request: SignedInRequest, number: str) -> JsonResponse:
    """The stored assessments of a case, the latest first, for everybody who may see the case."""
    case = get_object_or_404(access.visible_to(request.user), number=number)
    return JsonResponse(
        explanations_as_json(case), safe=False, json_dumps_params={"ensure_ascii": False, "indent": 2}
    )
