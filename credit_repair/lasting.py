"""Lasting addresses: ``/to/<kind>/<key>/`` leads to the page about a thing, wherever that page is today.

Messages, mails and clocks keep these and no others (``notifications.links.link_to``), so a page may move, to another app
too, and what was written years ago still leads to it. Nothing is looked up here: whether the thing exists, and for whom, the
page says.
"""

from typing import Final

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import NoReverseMatch
from django.views.decorators.http import require_safe

PAGES: Final = {
    "adoption": "oversight:adoption",
    # That a commitment is broken, as another officer decides on it.
    "breachfinding": "admin:commitments_breachfinding_change",
    "calendarnotice": "admin:calendars_calendarnotice_change",
    "calendarnotices": "admin:calendars_calendarnotice_changelist",
    "case": "repairs:status",
    "claim": "admin:subjects_claim_change",
    "clocks": "admin:deadlines_deadline_changelist",
    # Those of the subjects that somebody acts for.
    "commitments": "commitments:own",
    "delivery": "admin:sharing_delivery_change",
    "destination": "admin:sharing_destination_change",
    "destinations": "admin:sharing_destination_changelist",
    "document": "documents:download",
    "informationobjection": "admin:records_informationobjection_change",
    # What a bureau asks the identifying unit.
    "inquiry": "admin:repairs_inquiry_change",
    "localclosure": "admin:calendars_localclosure_change",
    # A case as the officers have it, and all that are theirs.
    "repaircase": "admin:repairs_repaircase_change",
    "repaircases": "admin:repairs_repaircase_changelist",
    # An objection to a record, as its subject sees it.
    "objected": "records:objection",
    # A record as those see it who act for its subject.
    "ownrecord": "records:record",
    # What was asked for online, as who asked sees it, and as the bureau does.
    "ownreportrequest": "reports:request",
    "record": "admin:records_dishonestyrecord_history",
    "remedies": "admin:documents_remedies_change",
    "remedieslist": "admin:documents_remedies_changelist",
    "reportrequest": "admin:reports_reportrequest_change",
    "reports": "reports:list",
    # What was handed in so that a repair be revoked.
    "revocation": "admin:repairs_revocationproposal_change",
    "seal": "admin:documents_sealpicture_change",
    "rules": "admin:policies_implementingrules_change",
    "codeconfirmation": "admin:subjects_codeconfirmation_change",
    "sourceact": "admin:records_sourceact_change",
    "subjects": "subjects:mine",
    "sweeps": "admin:deadlines_sweep_changelist",
    # What somebody takes, has taken, and is enrolled in.
    "training": "training:mine",
    "trainingcertificate": "admin:training_trainingcertificate_change",
}


@require_safe
def lead(request: HttpRequest, kind: str, key: str | None = None) -> HttpResponse:
    try:
        return redirect(PAGES[kind], *([] if key is None else [key]))
    except (KeyError, NoReverseMatch):
        raise Http404 from None
