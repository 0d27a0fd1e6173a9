"""What becomes of applications and objections when the penalty is revoked, and what their pages say then.

The acts are of Tuesday 24 November 2026 or of a later day of that week.
"""

from __future__ import annotations

from datetime import date

import openpyxl
import pytest
import time_machine
from django.core.management import call_command
from django.urls import reverse

from applications.accounts.models import Role
from applications.deadlines.models import Deadline
from applications.documents.models import Document
from applications.files import pending
from applications.notifications.models import Fault, Message
from applications.objections.models import Objection
from applications.objections.steps import file_objection
from applications.oversight.counting import count
from applications.oversight.selectors import objection_outcomes
from applications.portal.selectors import unfinished_cases
from applications.records.models import DishonestyRecord, ImportBatch, SourceAct
from applications.records.services import import_records, source
from applications.repairs import steps
from applications.repairs.errors import NotReady
from applications.repairs.models import RepairCase
from tests.fixtures import make_user, moment
from tests.opening import approve_act, read_evidence
from tests.pages import seen
from tests.records.files import HEADINGS, as_csv, row
from tests.repairs.steps import accepted, paper, prepared, refused, submitted

pytestmark = pytest.mark.django_db

# Of Unicode 15.1: no font of ours has it.
NO_FONT = "\U0002ebf0"
GONE = "所依据的处罚已被撤销，信息已经撤回，不需要修复"
STATE = [*HEADINGS, "当前状态"]


@pytest.fixture(autouse=True)
def on_the_26th():
    with time_machine.travel(moment("2026-11-26 10:00"), tick=False):
        yield


@pytest.fixture
def keeper(market_bureau):
    return make_user("keeper@example.cn", "管系统", market_bureau, Role.SYSTEM_ADMIN)


def proposed(record, actor, grounds="行政复议决定撤销。") -> SourceAct:
    return source.propose_act(
        record=record, kind="revoke", grounds=grounds, document=paper("复议决定书.pdf"),
        document_number="宁政复〔2026〕3号", effective_on=date(2026, 11, 23), actor=actor,
        at=moment("2026-11-26 10:00"),
    )  # fmt: skip


def revoke(record, wang, approver):
    approve_act(act=proposed(record, wang), actor=approver, at=moment("2026-11-26 10:00"))
    record.refresh_from_db()


def lead(client, case) -> str:
    page = client.get(reverse("repairs:status", args=[case.number])).text
    return page.partition('<p class="lead-sentence')[2].partition("</p>")[0]


class TestALetterThatCannotBePrinted:
    def test_the_approver_reads_why_and_nothing_is_changed(
        self, client, general_record, market_bureau, alice, wang, zhao, keeper
    ):
        case = submitted(general_record, market_bureau, alice)
        act = proposed(general_record, wang, grounds=f"周{NO_FONT}申请行政复议，决定撤销。")
        client.force_login(zhao)
        read_evidence(act, reader=zhao, at=act.proposed_at)
        answer = client.post(reverse("admin:records_sourceact_approve", args=[act.pk]))
        assert answer.status_code == 409
        assert "U+2EBF0" in answer.text and "没有签发" in answer.text and "复核通过" in answer.text
        act.refresh_from_db()
        case.refresh_from_db()
        general_record.refresh_from_db()
        assert (act.state, case.status, general_record.publicity) == ("proposed", "submitted", "published")
        assert not Document.objects.filter(kind="termination_notice").exists()
        assert Fault.objects.get().row == f"{case.number} termination_notice"
        assert "U+2EBF0" in Message.objects.get(recipient=keeper, channel="inbox").body

    @pytest.fixture
    def sent_again(self, market_bureau, acme, alice):
        """The unit's file, whose second row revokes a penalty under application; the record says what no font has."""
        before = {"履行状态": "罚款:2026-06-01；没收违法所得:2026-06-01"}
        import_records(
            content=as_csv(row(当前状态="0", **before), headings=STATE), file_name="a.csv",
            organ=market_bureau, at=moment("2026-06-20 09:00"), actor=None,
        )  # fmt: skip
        submitted(DishonestyRecord.objects.get(), market_bureau, alice)
        acme.name = f"南京{NO_FONT}食品有限公司"
        acme.save()
        return as_csv(
            row(行政处罚决定书文号="宁市监处罚〔2026〕101号", 行政相对人名称=acme.name),
            row(当前状态="1", 行政相对人名称=acme.name),
            row(行政处罚决定书文号="宁市监处罚〔2026〕103号", 行政相对人名称=acme.name),
            headings=STATE,
        )

    def only_the_second_is_turned_down(self, keeper):
        batch = ImportBatch.objects.latest("pk")
        assert (batch.created, batch.updated, batch.rejected) == (2, 0, 1)
        assert (
            DishonestyRecord.objects.filter(
                plain_number__contains="〔2026〕10", publicity="published"
            ).count()
            == 2
        )
        assert RepairCase.objects.get().status == "submitted"
        assert RepairCase.objects.get().record.publicity == "published"
        assert not Document.objects.filter(kind="termination_notice").exists()
        assert not Deadline.objects.filter(kind="withdrawal").exists()
        fault, told = Fault.objects.get(), Message.objects.get(recipient=keeper, channel="inbox")
        assert (fault.row, fault.failures) == (f"{RepairCase.objects.get().number} termination_notice", 1)
        assert "U+2EBF0" in told.body
        return batch

    def test_of_a_file_turns_down_its_row_alone(self, client, market_bureau, sent_again, wang, keeper):
        client.force_login(wang)
        token = pending.keep(
            sent_again, {"organ": market_bureau.pk, "name": "b.csv"}, user=wang, purpose="record-import"
        )
        answer = client.post(
            reverse("admin:records_importbatch_confirm"), {"token": token, "confirmed": "on"}, follow=True
        )
        assert "已导入：新增 2 条，更新 0 条，无变化 0 条，退回 1 条。" in answer.text
        batch = self.only_the_second_is_turned_down(keeper)
        sheet = openpyxl.load_workbook(batch.errors.file.open("rb")).active
        line, why = [cell.value for cell in sheet[2]][-2:]
        assert line == 3 and "U+2EBF0" in why and RepairCase.objects.get().number in why
        assert "该处罚没有撤回" in why and "重新导入本行" in why

    def test_so_it_does_by_the_command(self, market_bureau, sent_again, keeper, tmp_path, capsys):
        path = tmp_path / "b.csv"
        path.write_bytes(sent_again)
        call_command("import_records", str(path), organ=market_bureau.code, confirm_warnings=True)
        assert "新增 2 条，更新 0 条，无变化 0 条，退回 1 条。" in capsys.readouterr().out
        self.only_the_second_is_turned_down(keeper)


def test_what_an_application_does_not_allow_of_a_row_turns_down_that_row(market_bureau, alice):
    content = as_csv(row(当前状态="0", 履行状态="罚款:2026-06-01；没收违法所得:2026-06-01"), headings=STATE)
    about = {"file_name": "a.csv", "organ": market_bureau, "actor": None}
    import_records(content=content, at=moment("2026-06-20 09:00"), **about)
    case = submitted(DishonestyRecord.objects.get(), market_bureau, alice, at="2026-11-27 10:00")
    # The clock of the machine that imports is a day behind that of the one where the application was submitted.
    content = as_csv(row(行政处罚决定书文号="宁市监处罚〔2026〕101号"), row(当前状态="1"), headings=STATE)
    batch, _new = import_records(content=content, at=moment("2026-11-26 10:00"), **about)
    assert (batch.created, batch.rejected) == (1, 1)
    sheet = openpyxl.load_workbook(batch.errors.file.open("rb")).active
    assert case.number in [cell.value for cell in sheet[2]][-1]


def test_what_an_application_does_not_allow_is_said_on_the_page(
    client, general_record, market_bureau, alice, wang, zhao
):
    act = proposed(general_record, wang)
    case = submitted(general_record, market_bureau, alice, at="2026-11-27 10:00")
    client.force_login(zhao)
    read_evidence(act, reader=zhao, at=act.proposed_at)
    # The clock of this machine is a day behind that of the one where the application was submitted.
    answer = client.post(reverse("admin:records_sourceact_approve", args=[act.pk]))
    assert answer.status_code == 409 and case.number in answer.text
    act.refresh_from_db()
    assert act.state == "proposed"


class TestWhatItsPagesSay:
    def test_a_closed_application_is_ended_and_waits_for_nobody(
        self, client, general_record, market_bureau, alice, wang, zhao
    ):
        case = accepted(general_record, market_bureau, alice, wang)
        revoke(general_record, wang, zhao)
        client.force_login(alice)
        assert f"{GONE}，申请终止办理。" in lead(client, case)
        assert unfinished_cases(alice, date(2026, 11, 26)) == []

    def test_so_it_does_without_signing_in(self, client, general_record, market_bureau, alice, wang, zhao):
        case = accepted(general_record, market_bureau, alice, wang)
        revoke(general_record, wang, zhao)
        page = client.post("/track/", {"number": case.number, "code": case.tracking_code}, follow=True)
        assert f"{GONE}，申请终止办理。" in page.text

    def test_a_draft_that_it_ended_is_not_to_be_begun_again(
        self, client, general_record, market_bureau, alice, wang, zhao
    ):
        case = prepared(general_record, market_bureau, alice)
        revoke(general_record, wang, zhao)
        client.force_login(alice)
        said = lead(client, case)
        assert f"{GONE}。" in said and "重新申请" not in said and "撤回。可以" not in said

    def test_nor_is_one_that_its_applicant_gave_up_before(
        self, client, general_record, market_bureau, alice, wang, zhao
    ):
        case = prepared(general_record, market_bureau, alice)
        steps.withdraw_case(case=case, actor=alice, at=moment("2026-11-24 09:00"))
        client.force_login(alice)
        assert "草稿没有提交过，已经不再办理。需要时可以重新申请。" in lead(client, case)
        revoke(general_record, wang, zhao)
        said = lead(client, case)
        assert f"{GONE}。" in said and "终止" not in said and "重新申请" not in said
        assert "已撤回" in seen(client.get(reverse("repairs:status", args=[case.number])))

    def test_who_answers_a_correction_is_not_sent_to_a_receipt(
        self, client, general_record, market_bureau, alice, wang, zhao
    ):
        case = submitted(general_record, market_bureau, alice)
        defect = steps.Defect("fulfilment", "凭证不清晰。", "请重新扫描。")
        steps.draft_correction(case=case, defects=[defect], actor=wang, at=moment("2026-11-23 09:00"))
        steps.ask_for_correction(case=case, actor=wang, at=moment("2026-11-23 10:00"))
        revoke(general_record, wang, zhao)
        client.force_login(alice)
        answer = client.post(reverse("repairs:correction", args=[case.number]), {"send": ""}, follow=True)
        assert answer.redirect_chain[-1][0] == reverse("repairs:status", args=[case.number])
        assert f"申请{case.number}现为“已终止”，这次填写的内容没有提交。" in seen(answer)


class TestNothingIsLeftToAskFor:
    @pytest.fixture
    def case(self, general_record, market_bureau, alice, wang, li, zhao):
        return refused(general_record, market_bureau, alice, wang, li, zhao)

    def test_a_refusal_of_it_is_objected_to_no_more(self, client, general_record, case, alice, wang, zhao):
        client.force_login(alice)
        page, address = (
            reverse("repairs:status", args=[case.number]),
            reverse("objections:file", args=[case.number]),
        )
        again = reverse("repairs:start", args=[general_record.pk])
        assert address in client.get(page).text and again in client.get(page).text
        revoke(general_record, wang, zhao)
        assert address not in client.get(page).text and again not in client.get(page).text
        assert f"{GONE}。" in lead(client, case)
        for answer in (client.get(address, follow=True), client.post(address, {}, follow=True)):
            assert "该处罚已被撤销，信息已经撤回，不需要再提出异议。" in answer.text
        # The page may have been open since before.
        with pytest.raises(NotReady, match="不需要再提出异议"):
            file_objection(
                case=case, disputed=[], grounds="已缴清。", actor=alice, at=moment("2026-11-26 10:00")
            )
        assert not Objection.objects.exists()

    def test_nor_applied_for(self, client, general_record, alice, wang, zhao):
        start = reverse("repairs:start", args=[general_record.pk])
        client.force_login(alice)
        assert client.get(start).status_code == 200
        revoke(general_record, wang, zhao)
        for answer in (client.get(start, follow=True), client.post(start, {}, follow=True)):
            assert f"该失信行为信息{GONE}。" in answer.text
        # This one is barred by Article 6, where one may apply all the same.
        DishonestyRecord.objects.update(
            severity="serious", domains=["food_drug"], penalties=["revoke_permit"]
        )
        assert start not in client.get(reverse("records:record", args=[general_record.pk])).text
        DishonestyRecord.objects.update(source_state="normal")
        assert start in client.get(reverse("records:record", args=[general_record.pk])).text

    def test_an_objection_under_way_ends_with_it(
        self, client, general_record, case, alice, wang, zhao, second_approver, sun
    ):
        objection = file_objection(
            case=case, disputed=[], grounds="已缴清。", actor=alice, at=moment("2026-11-26 09:00")
        )
        revoke(general_record, wang, zhao)
        objection.refresh_from_db()
        assert (objection.outcome, objection.handler) == ("closed", None)
        assert objection.handled_at == moment("2026-11-26 10:00")
        client.force_login(second_approver)
        page = seen(client.get(reverse("admin:objections_objection_change", args=[objection.pk])))
        assert "处罚登记为已被撤销，终止处理，2026年11月26日" in page and "行政复议决定撤销。" in page
        assert "None" not in page and "重新核实" not in page
        # The department does not count it among those that still wait.
        counted = {
            code: n for code, _label, n in objection_outcomes(count(sun.organ.region[:4], date(2026, 11, 26)))
        }
        assert counted == {"open": 0, "upheld": 0, "overturned": 0, "closed": 1}
