"""Writes the data of a portal of some version as the tests of upgrades load it: JSON of Django, compressed.

It is run in a checkout of the version that it is to show, because only that version's services write its rows:

    git worktree add ../before VERSION && cp tests/upgrades/dump_version.py ../before && cd ../before
    DATA_DIR=$(mktemp -d) DJANGO_SETTINGS_MODULE=tests.settings python dump_version.py f37959a.json.xz

What is in it: the sample province on 23 November 2026, with a case in every state, running clocks and deliveries that
the platform has not receipted; of its records those with a case and a few more. And beside them a draft of which
nothing is filled in, one whose commitment was signed twice, one whose signatory does not consent to publication, and a
correction of which half is answered. Files are rows without their bytes.
"""

import json
import lzma
import sys
from datetime import datetime
from io import StringIO
from zoneinfo import ZoneInfo

import django
import time_machine

NOW = datetime(2026, 11, 23, 10, tzinfo=ZoneInfo("Asia/Shanghai"))
OTHER_RECORDS = 12


def fill() -> None:
    from applications.portal.sample.cases import Teller, _paper
    from applications.portal.sample.loading import add_applicant
    from django.core.management import call_command

    from applications.organs.models import Organ
    from applications.records.models import DishonestyRecord
    from applications.repairs import services, steps
    from applications.repairs.models import CorrectionItem, RepairCase

    call_command("migrate", verbosity=0)
    call_command("load_sample", verbosity=0)
    with_case = RepairCase.objects.values("record")
    spare = DishonestyRecord.objects.exclude(pk__in=with_case).exclude(subject__claims__isnull=False)
    keep = [*spare.order_by("pk").values_list("pk", flat=True)[:OTHER_RECORDS]]
    spare.exclude(pk__in=keep).delete()

    drafted = RepairCase.objects.filter(status="draft").first()
    for number, record in enumerate(DishonestyRecord.objects.filter(pk__in=keep[:3]), start=1):
        applicant = add_applicant(f"more{number}@example.com", "示例经办", record.subject, NOW)
        if number == 1:
            services.start_case(record=record, organ=record.identifying_unit, applicant=applicant, at=NOW)
            continue
        teller = Teller.__new__(Teller)
        teller.at, teller.record, teller.applicant = NOW, record, applicant
        teller.organ = Organ.objects.get(pk=record.identifying_unit_id)
        teller.prepare(NOW)
        services.sign_commitment(
            case=teller.case,
            signatory=record.subject.legal_representative or record.subject.name,
            publication_consent=number == 2,
            actor=applicant,
            at=NOW,
        )
    assert drafted is not None
    correcting = RepairCase.objects.filter(status="correcting").get()
    item = CorrectionItem.objects.filter(notice__case=correcting).first()
    steps.answer_correction(item=item, answer="已经重新盖章。", actor=correcting.applicant, at=NOW)
    services.add_material(
        case=correcting,
        kind=item.material_kind,
        upload=_paper("盖章.pdf"),
        actor=correcting.applicant,
        at=NOW,
    )


def main(path: str) -> None:
    from django.core.management import call_command
    from django.db import connection
    from django.db.migrations.loader import MigrationLoader

    fill()
    text = StringIO()
    call_command("dumpdata", exclude=["sessions"], use_base_manager=True, stdout=text, verbosity=0)
    leaves = sorted(MigrationLoader(connection).graph.leaf_nodes())
    with lzma.open(path, "wt", preset=9) as file:
        json.dump({"migrations": leaves, "rows": json.loads(text.getvalue())}, file, ensure_ascii=False)


if __name__ == "__main__":
    django.setup()
    with time_machine.travel(NOW, tick=False):
        main(sys.argv[1])
