"""The archive of a case as one ZIP, and the year of an organ as a table."""

import hashlib
import io
import json
import zipfile
from datetime import date

import pytest
from django.urls import reverse
from openpyxl import load_workbook

from applications.accounts.models import Role
from applications.documents.models import Document
from applications.files.models import StoredFile
from applications.ledger.models import Event
from applications.ledger.sealing import seal_ledger
from applications.objections.models import Evidence
from applications.objections.services import keep_evidence
from applications.objections.steps import file_objection
from applications.repairs import steps
from applications.repairs.assessing import items_of
from applications.repairs.models import RepairCase
from applications.repairs.progress import progress_of
from applications.repairs.services.inquiries import answer_inquiry
from applications.repairs.services.proofs import record_service
from applications.sharing.models import Delivery
from tests.fixtures import TODAY, make_record, make_user, moment
from tests.opening import revoke_case
from tests.repairs.receptions import RESIDENT_ID, filed
from tests.repairs.steps import accepted, granted, paper, refused, reviewed, submitted
from tests.repairs.test_inquiries import QUESTION, asked
from tests.repairs.test_revocations import FACTS, HEARD, proposed

pytestmark = pytest.mark.django_db


def opened(client, case) -> zipfile.ZipFile:
    response = client.get(reverse("admin:repairs_archive", args=[case.pk]))
    assert response.status_code == 200 and response.streaming
    assert response["Content-Disposition"] == f'attachment; filename="{case.number}.zip"'
    package = zipfile.ZipFile(io.BytesIO(b"".join(response.streaming_content)))
    assert package.testzip() is None
    return package


def read(package, name):
    return json.loads(package.read(name))


class TestArchive:
    def test_all_that_is_kept_of_a_case(self, client, general_record, market_bureau, alice, wang, li, zhao):
        case = granted(general_record, market_bureau, alice, wang, li, zhao)
        client.force_login(wang)
        package = opened(client, case)

        filed = sorted(case.materials.values_list("file__sha256", flat=True))
        names = [name for name in package.namelist() if name.startswith("材料/")]
        assert sorted(hashlib.sha256(package.read(name)).hexdigest() for name in names) == filed and filed
        numbers = {each["number"] for each in read(package, "文件.json") if "number" in each}
        assert case.decision_number in numbers
        events = read(package, "事件.json")
        assert [event["verb"] for event in events] == [
            *Event.objects.filter(chain=case.number).order_by("position").values_list("verb", flat=True)
        ]
        assert read(package, "办件.json")["decision_number"] == case.decision_number
        assert read(package, "推送和回执.json")[0]["id"] == str(Delivery.objects.get(about=case.number).pk)
        assert any("受理" in message["subject"] for message in read(package, "送达.json"))
        assert "每个文件都与保存时的摘要一致。" in package.read("核对.txt").decode()

    def test_the_sums_are_those_of_the_entries(self, client, general_record, market_bureau, alice, wang):
        client.force_login(wang)
        package = opened(client, submitted(general_record, market_bureau, alice))
        lines = package.read("SHA256SUMS").decode().splitlines()
        listed = {name: digest for digest, _space, name in (line.partition("  ") for line in lines)}
        assert set(listed) == set(package.namelist()) - {"SHA256SUMS"}
        for name, digest in listed.items():
            assert hashlib.sha256(package.read(name)).hexdigest() == digest, name

    def test_the_events_prove_themselves_by_what_is_in_it(
        self, client, general_record, market_bureau, alice, wang
    ):
        case = submitted(general_record, market_bureau, alice)
        seal_ledger(at=moment("2026-11-23 09:00"))
        client.force_login(wang)
        package = opened(client, case)
        before = "0" * 64
        for event in read(package, "事件.json"):
            assert event["previous_hash"] == before
            fields = [
                *(before, event["chain"], event["position"], event["verb"], event["actor"], event["role"]),
                *(event["organ"], event["at"], event["payload"]),
            ]
            text = json.dumps(fields, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
            before = hashlib.sha256(text.encode()).hexdigest()
            assert before == event["hash"]
        head = read(package, "链头.json")
        assert head["statement"]["last_event"] >= head["event"] and head["signature"]

    def test_taking_it_is_a_reading_that_the_applicant_sees(
        self, client, general_record, market_bureau, alice, wang
    ):
        case = submitted(general_record, market_bureau, alice)
        client.force_login(wang)
        opened(client, case)
        event = Event.objects.get(verb="repaircase.archived")
        assert event.actor == wang and event.payload["about"] == case.number
        assert "下载档案" in [reading.what for reading in progress_of(case, TODAY.date()).readings]

    def test_a_file_that_is_not_what_it_was_or_is_gone_is_named(
        self, client, general_record, market_bureau, alice, wang
    ):
        case = submitted(general_record, market_bureau, alice)
        changed, gone = (material.file for material in case.materials.order_by("round", "kind", "pk")[:2])
        StoredFile.objects.filter(pk=changed.pk).update(sha256="0" * 64)
        gone.file.storage.delete(gone.file.name)
        client.force_login(wang)
        verdict = opened(client, case).read("核对.txt").decode()
        assert "材料/01-" in verdict and "与保存时的摘要不一致" in verdict
        assert "材料/02-" in verdict and "已经不在" in verdict
        assert "每个文件都" not in verdict

    def test_evidence_of_an_objection_is_in_it(
        self, client, general_record, market_bureau, alice, wang, li, zhao
    ):
        case = refused(general_record, market_bureau, alice, wang, li, zhao)
        keep_evidence(case=case, upload=paper("证据.pdf"), actor=alice, at=moment("2026-11-26 09:00"))
        file_objection(case=case, disputed=[], grounds="已缴清。", actor=alice, at=moment("2026-11-26 10:00"))
        case.refresh_from_db()
        client.force_login(zhao)
        package = opened(client, case)
        digest = hashlib.sha256(package.read("异议证据/01.pdf")).hexdigest()
        assert digest == Evidence.objects.get().file.sha256

    def test_what_the_unit_answered_and_why_the_repair_was_revoked_are_in_it(
        self, client, general_record, credit_bureau, alice, qian, zhao
    ):
        case = accepted(general_record, credit_bureau, alice, qian)
        inquiry = asked(case, qian)
        answer_inquiry(
            inquiry=inquiry,
            done=dict.fromkeys(items_of(case), date(2026, 6, 2)),
            evidence=paper("入库单.pdf"),
            actor=zhao,
            at=moment("2026-11-24 09:00"),
        )
        lei = make_user("lei@example.com", "雷审批", credit_bureau, Role.APPROVER)
        case = steps.grant_case(case=reviewed(case, qian), actor=lei, at=moment("2026-11-25 10:00"))
        turned_down = proposed(case, qian, facts="凭证可疑。")
        steps.reject_revocation(
            proposal=turned_down, reason="证据不足。", actor=lei, at=moment("2026-11-27 11:00")
        )
        revoke_case(
            proposal=proposed(case, qian, at="2026-11-27 12:00"), actor=lei, at=moment("2026-11-30 10:00")
        )
        case.refresh_from_db()
        RepairCase.objects.filter(pk=case.pk).update(improvements="参加义工。", noted_improvements="已核实。")
        client.force_login(qian)
        package = opened(client, case)
        said = read(package, "办件.json")
        (answer,) = said["inquiries"]
        assert (answer["question"], answer["answered_by"]) == (QUESTION, str(zhao))
        assert [each["on"] for each in answer["answers"]] == ["2026-06-02"] * len(items_of(case))
        assert [
            (each["facts"], each["statement"], each["reason"]) for each in said["revocation_proposals"]
        ] == [("凭证可疑。", HEARD, "证据不足。"), (FACTS, HEARD, "")]
        assert (said["improvements"], said["noted_improvements"]) == ("参加义工。", "已核实。")
        listed = {each["entry"]: each for each in read(package, "文件.json")}
        for entry, name in (
            ("核实附件/01.pdf", "入库单.pdf"),
            ("撤销证据/01.pdf", "银行复函.pdf"),
            ("撤销证据/02.pdf", "银行复函.pdf"),
        ):
            assert listed[entry]["name"] == name
            assert hashlib.sha256(package.read(entry)).hexdigest() == listed[entry]["sha256"]

    def test_who_came_to_the_window_and_how_its_letters_were_served(self, client, general_record, wang):
        case = filed(general_record, wang)
        receipt = Document.objects.get(about=case.number, kind="receipt")
        proof = record_service(
            document=receipt,
            case=case,
            how="posted",
            recipient="陈经办",
            served_on=date(2026, 11, 24),
            tracking_number="EMS123",
            scan=paper("回证.pdf"),
            actor=wang,
            at=moment("2026-11-24 15:00"),
        )
        client.force_login(wang)
        package = opened(client, case)
        said = read(package, "办件.json")
        assert said["channel"] == "窗口"
        reception = said["reception"]
        assert (reception["came_name"], reception["came_as"], reception["received_on"]) == (
            "陈经办", "受委托的经办人（有授权委托书）", "2026-11-23",
        )  # fmt: skip
        assert reception["identity_number"] == "1101**********002X"
        assert not any(RESIDENT_ID.encode() in package.read(name) for name in package.namelist())
        (served,) = read(package, "送达.json")
        assert (served["number"], served["how"], served["recipient"]) == (receipt.number, "邮寄", "陈经办")
        assert (served["served_on"], served["tracking_number"]) == ("2026-11-24", "EMS123")
        assert hashlib.sha256(package.read(served["entry"])).hexdigest() == proof.scan.sha256
        listed = {each["entry"]: each for each in read(package, "文件.json")}
        assert served["entry"].startswith("送达回证/") and listed[served["entry"]]["name"] == "回证.pdf"

    def test_not_another_organs_nor_a_departments(
        self, client, general_record, market_bureau, alice, wang, outsider, sun
    ):
        case = submitted(general_record, market_bureau, alice)
        for person in (outsider, sun):
            client.force_login(person)
            assert client.get(reverse("admin:repairs_archive", args=[case.pk])).status_code == 404, person
        assert not Event.objects.filter(verb="repaircase.archived").exists()


class TestYearbook:
    ADDRESS = "/admin/repairs/repaircase/yearbook/"

    def test_the_cases_that_an_organ_got_in_a_year(self, client, acme, market_bureau, alice, wang):
        records = [
            make_record(acme, market_bureau, document_number=f"宁市监处罚〔2026〕{n}号") for n in (1, 2)
        ]
        # A minute before midnight in Shanghai is the year before.
        old, new = (submitted(record, market_bureau, alice) for record in records)
        began = moment("2025-12-31 23:59")
        RepairCase.objects.filter(pk=old.pk).update(first_submitted_at=began)
        client.force_login(wang)
        assert "年份" in client.get(self.ADDRESS).content.decode()
        for year, case in ((2025, old), (2026, new)):
            response = client.get(self.ADDRESS, {"year": year, "organ": market_bureau.pk})
            sheet = load_workbook(io.BytesIO(b"".join(response.streaming_content))).active
            rows = list(sheet.iter_rows(values_only=True))
            assert [row[0] for row in rows] == ["办件编号", case.number]
        events = Event.objects.filter(verb="repaircase.exported").order_by("pk")
        assert [(event.payload["year"], event.payload["rows"]) for event in events] == [(2025, 1), (2026, 1)]

    def test_a_revoked_repair_keeps_its_grant(
        self, client, general_record, market_bureau, alice, wang, li, zhao
    ):
        case = granted(general_record, market_bureau, alice, wang, li, zhao)
        revoke_case(proposal=proposed(case, li), actor=zhao, at=moment("2026-11-30 10:00"))
        client.force_login(wang)
        response = client.get(self.ADDRESS, {"year": 2026, "organ": market_bureau.pk})
        sheet = load_workbook(io.BytesIO(b"".join(response.streaming_content))).active
        headings, row = sheet.iter_rows(values_only=True)
        said = dict(zip(headings, row, strict=True))
        assert (str(said["决定日期"])[:10], said["决定文号"]) == ("2026-11-25", "宁市监信修准〔2026〕1号")
        assert (str(said["撤销决定日期"])[:10], said["撤销决定文号"]) == (
            "2026-11-30",
            "宁市监信修撤〔2026〕1号",
        )

    def test_a_department_takes_those_of_its_region(
        self, client, general_record, market_bureau, ecology_bureau, alice, sun
    ):
        submitted(general_record, market_bureau, alice)
        client.force_login(sun)
        assert client.get(self.ADDRESS, {"year": 2026, "organ": market_bureau.pk}).streaming
        assert client.get(self.ADDRESS, {"year": 2026, "organ": ecology_bureau.pk}).status_code == 400

    def test_bad_input(self, client, market_bureau, ecology_bureau, wang):
        client.force_login(wang)
        for given in (
            {"year": 2019, "organ": market_bureau.pk},
            {"year": "x", "organ": market_bureau.pk},
            {"year": 2026, "organ": ecology_bureau.pk},
            {"year": 2026},
        ):
            response = client.get(self.ADDRESS, given)
            assert response.status_code == 400 and "errorlist" in response.content.decode(), given
        assert not Event.objects.filter(verb="repaircase.exported").exists()
