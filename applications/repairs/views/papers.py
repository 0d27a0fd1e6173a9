"""A file of a case, as it was kept, for those who may see the case."""

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404
from django.utils import timezone

from applications.accounts.http import SignedInRequest
from applications.files.examining import JPEG
from applications.files.responses import file_response
from applications.files.scanning import is_infected, is_withheld
from applications.files.viewing import viewer_page
from applications.repairs import access, services
from applications.repairs.views.drafts import own_case


@login_required
def open_file(request: SignedInRequest, number: str, material_id: int) -> HttpResponseBase:
    """The file, or one page of it (``?page``), for those who may see the case; officers see page by page what the scanner has
    not passed. That an officer was shown it is recorded."""
    case = get_object_or_404(access.visible_to(request.user), number=number)
    material = get_object_or_404(case.materials.select_related("file__scan"), pk=material_id)
    if request.user.is_staff and material.round > case.round:
        raise Http404
    paged = "page" in request.GET or (request.user.is_staff and is_withheld(material.file))
    response = (
        viewer_page(request, material.file, label=material.get_kind_display())
        if paged
        else file_response(material.file, inline=True)
    )
    if response.status_code == 200:
        services.record_reading(
            case=case, file=material.file, reader=request.user, at=timezone.now(), goes_on=paged
        )
    return response


@login_required
def page_picture(request: SignedInRequest, number: str, material_id: int, page: int) -> HttpResponse:
    """A page of a file, small, for the applicant's side; officers open the page itself, which is recorded."""
    case = own_case(request, number)
    material = get_object_or_404(case.materials.select_related("file__scan"), pk=material_id)
    picture = get_object_or_404(material.file.pictures, page=page)
    if is_infected(material.file):
        raise Http404
    return HttpResponse(bytes(picture.jpeg), content_type=JPEG)
