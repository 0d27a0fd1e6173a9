"""What a subject may know of the life of its own records (Article 12)."""

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from applications.accounts.http import SignedInRequest
from applications.records.access import visible_to
from applications.records.history import history_of


@login_required
def history(request: SignedInRequest, record_id: int) -> HttpResponse:
    """What was written about one's record: when, by which organ, from which file."""
    if request.user.is_staff:
        return redirect("admin:records_dishonestyrecord_history", record_id)
    record = get_object_or_404(visible_to(request.user).select_related("subject"), pk=record_id)
    return render(request, "records/history.html", {"record": record, "entries": history_of(record)})
