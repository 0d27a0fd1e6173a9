from django.core.management.color import no_style
from django.db import migrations
from django.db.models import F

from applications.database.moved_models import keep_content_types

# As rules/materials.py had it when this was written.
ABOUT_THE_SUBJECT = ["licence", "identity", "training", "credit_report", "authorisation", "signed_commitment"]
MOVED = [
    "applicant_id",
    "contact_name",
    "contact_phone",
    "training_completed_on",
    "training_certificate_number",
    "report_issued_on",
    "report_issuer",
    "report_number",
    "created_at",
]
SIGNED = [
    "text",
    "text_sha256",
    "signatory",
    "signed_by_id",
    "signed_at",
    "publication_consent",
    "document_id",
    "published_at",
]
BATCH = 2000


def carry_over(apps, schema_editor):
    """Every case becomes the one case of a filing, which has the case's own number as its key; so is every commitment."""
    using = schema_editor.connection.alias
    filings, cases, materials, former = (
        apps.get_model("repairs", name).objects.using(using)
        for name in ("Filing", "RepairCase", "Material", "Commitment")
    )
    commitments = apps.get_model("commitments", "Commitment").objects.using(using)
    lists = commitments.model.records.through.objects.using(using)
    signed, listed = [], []
    for old in former.select_related("case__record").iterator(BATCH):
        signed.append(
            commitments.model(
                pk=old.pk,
                subject_id=old.case.record.subject_id,
                **{name: getattr(old, name) for name in SIGNED},
            )
        )
        listed.append(lists.model(commitment_id=old.pk, dishonestyrecord_id=old.case.record_id))
    commitments.bulk_create(signed, BATCH)
    lists.bulk_create(listed, BATCH)
    commitment_of = dict(former.values_list("case_id", "pk"))
    filings.bulk_create(
        (
            filings.model(
                pk=case.pk,
                subject_id=case.record.subject_id,
                commitment_id=commitment_of.get(case.pk),
                **{name: getattr(case, name) for name in MOVED},
            )
            for case in cases.select_related("record").order_by("pk").iterator(BATCH)
        ),
        BATCH,
    )
    cases.update(filing_id=F("pk"))
    materials.update(filing_id=F("case_id"))
    materials.filter(kind__in=ABOUT_THE_SUBJECT, round=1).update(case=None)
    for statement in schema_editor.connection.ops.sequence_reset_sql(
        no_style(), [filings.model, commitments.model]
    ):
        schema_editor.execute(statement)


class Migration(migrations.Migration):
    dependencies = [
        ("contenttypes", "0002_remove_content_type_name"),
        ("repairs", "0004_filing"),
    ]

    operations = [
        migrations.RunPython(carry_over),
        keep_content_types("commitment", old="repairs", new="commitments"),
    ]
