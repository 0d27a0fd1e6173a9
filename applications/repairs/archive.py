"""The archive of a case (信用修复档案, Article 11) as one ZIP: what was filed, decided, issued, sent, shared and read, with the
events of its chain. It is sent while it is made, a file at a time, so that it costs no more memory than its longest piece.
"""

import zipfile
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import Any

from django.utils.timezone import localtime

from applications.files.models import StoredFile
from applications.files.packing import ENDINGS, Archive, known
from applications.language import as_kept
from applications.ledger.models import Event, Head
from applications.ledger.sealing import public_key, statement
from applications.ledger.selectors import readings_about
from applications.notifications.models import Message
from applications.repairs.models import ProofOfService, Reception, RepairCase
from applications.repairs.progress import READING_LABELS
from applications.repairs.selectors import documents_of
from applications.sharing.models import Delivery
from applications.spreadsheets import Pieces


def stream_archive(case: RepairCase, at: datetime) -> Iterator[bytes]:
    """The pieces of the ZIP. Its last entries say whether every file is what it was when it was kept, and the SHA-256
    of every other entry, as sha256sum reads them."""
    out = Pieces()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as package:
        archive = Archive(out, package)
        yield archive.data("办件.json", _case(case))
        yield archive.data("事件.json", _events(Event.objects.filter(chain=case.number).order_by("position")))
        yield archive.data("链头.json", _head(case))
        readings = readings_about(case.number, *READING_LABELS).order_by("pk")
        yield archive.data("查阅.json", _events(readings))
        yield archive.data("送达.json", _messages(case))
        yield archive.data("推送和回执.json", _deliveries(case))
        listed = _files(case)
        yield archive.data("文件.json", [facts | {"entry": name} for name, _stored, facts in listed])
        for name, stored, _facts in listed:
            if stored is not None:
                yield from archive.file(name, stored)
        verdict = archive.wrong or ["每个文件都与保存时的摘要一致。"]
        verdict.append(f"导出时间：{localtime(at):%Y-%m-%d %H:%M:%S}")
        yield archive.words("核对.txt", "\n".join([*verdict, _PROOF, ""]))
        yield archive.manifest()
    yield out.take()


_PROOF = (
    "事件.json 的每个 hash 是对以下内容的 SHA-256：UTF-8 JSON（键排序、无空格、不转义）"
    "[previous_hash, chain, position, verb, actor 或 null, role, organ 或 null, at, payload]，at 为 UTC，到微秒。"
    "链头.json 是覆盖本卷最后一个事件的签名（Ed25519）；事件是否在链头之内，由保存全部台账的系统用 verify_ledger 核对。"
)


@as_kept()
def _case(case: RepairCase) -> dict[str, Any]:
    subject, filing = case.record.subject, case.filing
    return {
        "number": case.number,
        "status": case.get_status_display(),
        "organ": case.organ.name,
        "subject": subject.name,
        "subject_code": subject.masked_code,
        "record": str(case.record),
        "applicant": filing.contact_name,
        "channel": filing.channel,
        "reception": _reception(filing.reception),
        "training_completed_on": filing.training_completed_on,
        "training_certificate_number": filing.training_certificate_number,
        "report_issued_on": filing.report_issued_on,
        "report_institution": filing.report_institution,
        "report_number": filing.report_number,
        "corrected_on": case.corrected_on,
        "first_submitted_at": case.first_submitted_at,
        "submitted_at": case.submitted_at,
        "accepted_on": case.accepted_on,
        "decided_on": case.decided_on,
        "decision_number": case.decision_number,
        "shared_at": case.shared_at,
        "duties": [
            {"duty": str(each.obligation), "fulfilled_on": each.fulfilled_on}
            for each in case.obligations.select_related("obligation")
        ],
        "reviews": [
            {
                "reviewer": str(each.reviewer),
                "at": each.reviewed_at,
                "proposal": each.get_proposal_display(),
                "checklist": each.checklist,
                "opinion": each.opinion,
            }
            for each in case.reviews.select_related("reviewer")
        ],
        "corrections": [
            {
                "round": notice.round,
                "sent_at": notice.sent_at,
                "items": [
                    {
                        "material": item.get_material_kind_display(),
                        "defect": item.defect,
                        "requirement": item.requirement,
                        "exception_reason": item.exception_reason,
                        "answer": item.answer,
                    }
                    for item in notice.items.all()
                ],
            }
            for notice in case.correction_notices.exclude(sent_at=None).prefetch_related("items")
        ],
        "improvements": case.improvements,
        "noted_improvements": case.noted_improvements,
        "inquiries": [
            {
                "number": each.number,
                "unit": each.unit.name,
                "status": each.get_state_display(),
                "question": each.question,
                "asked_by": str(each.asked_by),
                "asked_at": each.asked_at,
                "answers": each.answers,
                "note": each.note,
                "answered_by": str(each.answered_by) if each.answered_by else None,
                "answered_at": each.answered_at,
                "document": each.document.number if each.document else None,
            }
            for each in case.inquiries.select_related("unit", "asked_by", "answered_by", "document").order_by(
                "pk"
            )
        ],
        "revocation_proposals": [
            {
                "status": each.get_state_display(),
                "facts": each.facts,
                "statement": each.statement,
                "proposed_by": str(each.proposed_by),
                "proposed_at": each.proposed_at,
                "decided_by": str(each.decided_by) if each.decided_by else None,
                "decided_at": each.decided_at,
                "reason": each.reason,
            }
            for each in case.revocation_proposals.select_related("proposed_by", "decided_by").order_by("pk")
        ],
        "assessments": list(
            case.assessments.values(
                "stage", "on", "policy", "policy_version", "facts", "assessment", "stored_at"
            )
        ),
    }


def _reception(reception: Reception | None) -> dict[str, Any] | None:
    """Who came to the window or wrote, and what was compared; the number masked, the document is among the papers."""
    if reception is None:
        return None
    return {
        "organ": reception.organ.name,
        "received_on": reception.received_on,
        "came_as": reception.get_came_as_display(),
        "came_name": reception.came_name,
        "identity_type": reception.get_identity_type_display(),
        "identity_number": reception.masked_number,
        "received_by": str(reception.received_by),
        "received_at": reception.received_at,
    }


def _events(events: Iterable[Event]) -> list[dict[str, Any]]:
    return [
        {
            "chain": event.chain,
            "position": event.position,
            "verb": event.verb,
            "actor": event.actor_id,
            "role": event.role,
            "organ": event.organ_id,
            "at": event.at.astimezone(UTC).isoformat(timespec="microseconds")[:26] + "Z",
            "payload": event.payload,
            "previous_hash": event.previous_hash,
            "hash": event.hash,
        }
        for event in events
    ]


def _head(case: RepairCase) -> dict[str, Any]:
    """The first signed head that covers the case's last event; without one, it waits for the next minute's."""
    last = Event.objects.filter(chain=case.number).order_by("position").last()
    head = Head.objects.filter(last_event__gte=last.pk).order_by("number").first() if last else None
    signed = {"statement": statement(head), "signature": head.signature} if head else {"statement": None}
    return signed | {"public_key": public_key(), "event": last.pk if last else None}


@as_kept()
def _messages(case: RepairCase) -> list[dict[str, Any]]:
    """What the applicant was sent, by which way, and what is known of its arrival; of what came at the window or by post,
    how each letter was served."""
    if case.filing.reception_id is not None:
        # The officer who entered it got what officers get; nothing was sent to the applicant's side.
        return [
            {
                "document": proof.document.get_kind_display(),
                "number": proof.document.number,
                "how": proof.get_how_display(),
                "recipient": proof.recipient,
                "served_on": proof.served_on,
                "tracking_number": proof.tracking_number,
                "recorded_by": str(proof.recorded_by),
                "recorded_at": proof.recorded_at,
                "entry": name,
            }
            for name, proof in _proofs(case)
        ]
    sent = Message.objects.filter(about=case.number, recipient=case.filing.applicant_id).order_by("pk")
    return [
        {
            "subject": message.subject,
            "body": message.body,
            "channel": message.get_channel_display(),
            "status": message.state,
            "written_at": message.written_at,
            "sent_at": message.sent_at,
            "read_at": message.read_at,
        }
        for message in sent
    ]


def _proofs(case: RepairCase) -> list[tuple[str, ProofOfService]]:
    """Each 送达回证 that was filled in, with the name of its scan in the package."""
    proofs = case.proofs.select_related("document", "scan", "recorded_by").order_by("pk")
    served = [(proof, proof.scan.content_type) for proof in proofs if proof.scan is not None]
    return [
        (f"送达回证/{place:02d}-{proof.document.get_kind_display()}{ENDINGS.get(content_type, '')}", proof)
        for place, (proof, content_type) in enumerate(served, 1)
    ]


@as_kept()
def _deliveries(case: RepairCase) -> list[dict[str, Any]]:
    return [
        {
            "id": delivery.pk,
            "position": delivery.position,
            "status": delivery.get_status_display(),
            "payload": delivery.payload,
            "receipt": delivery.receipt,
            "created_at": delivery.created_at,
            "delivered_at": delivery.delivered_at,
        }
        for delivery in Delivery.objects.filter(about=case.number).order_by("position")
    ]


@as_kept()
def _files(case: RepairCase) -> list[tuple[str, StoredFile | None, dict[str, Any]]]:
    """Every letter and every file of the case: under which name it is packed, and what is known of it."""
    found: list[tuple[str, StoredFile | None, dict[str, Any]]] = []
    for place, document in enumerate(documents_of(case).select_related("pdf"), 1):
        facts = {
            "kind": document.get_kind_display(),
            "number": document.number,
            "issued_at": document.issued_at,
            "status": document.get_status_display(),
            "void_reason": document.void_reason,
        }
        name = f"文书/{place:02d}-{document.get_kind_display()}.pdf"
        found.append((name, document.pdf, facts | known(document.pdf)))
    # Submitted only: what is gathered for the next round is the applicant's still.
    filed = (
        case.materials.filter(round__lte=case.round).select_related("file").order_by("round", "kind", "pk")
    )
    for place, material in enumerate(filed, 1):
        ending = ENDINGS.get(material.file.content_type, "")
        kind = material.get_kind_display().replace("/", "、")
        name = f"材料/{place:02d}-第{material.round}次-{kind}{ending}"
        facts = {"kind": material.get_kind_display(), "round": material.round, "added_at": material.added_at}
        found.append((name, material.file, facts | known(material.file)))
    for name, proof in _proofs(case):
        facts = {"kind": "送达回证", "number": proof.document.number, "served_on": proof.served_on}
        found.append((name, proof.scan, facts | known(proof.scan)))
    inquiries = case.inquiries.select_related("evidence").order_by("pk")
    proposals = case.revocation_proposals.select_related("evidence").order_by("pk")
    attached = {
        "核实附件": [each.evidence for each in inquiries if each.evidence],
        "撤销证据": [each.evidence for each in proposals],
    }
    for folder, kept in attached.items():
        for place, stored in enumerate(kept, 1):
            name = f"{folder}/{place:02d}{ENDINGS.get(stored.content_type, '')}"
            found.append((name, stored, known(stored)))
    objection = getattr(case, "objection", None)
    if objection is not None:
        for place, evidence in enumerate(objection.evidence.select_related("file"), 1):
            name = f"异议证据/{place:02d}{ENDINGS.get(evidence.file.content_type, '')}"
            found.append((name, evidence.file, known(evidence.file)))
    return found
