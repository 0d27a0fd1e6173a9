"""During an upgrade the code before works on the tables after: both take steps in one case, in turns."""

import subprocess
from urllib.parse import urlencode

import pytest
from django.conf import settings as configured
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from applications.accounts.models import User
from applications.documents.models import Document
from applications.ledger.verification import verify_ledger
from applications.repairs import steps
from applications.repairs.models import RepairCase
from applications.repairs.services import check_queues
from tests.repairs.steps import prepared, reviewed
from tests.scaling.processes import ROOT, answered, portal
from tests.sharing_sandbox.process import free_port

# The version that is running where this one is upgraded without a stop (CHANGELOG.md).
BEFORE = "41eb98a"
TOKEN = "a" * 32


@pytest.fixture
def code_before(tmp_path):
    """A folder with the code of that version. Skips the test where the clone does not reach so far back."""
    archive = subprocess.run(
        ["git", "archive", "--format=tar", BEFORE], cwd=ROOT, capture_output=True, check=False
    )
    if archive.returncode:
        pytest.skip(f"missing: commit {BEFORE} ({archive.stderr.decode().strip()})")
    folder = tmp_path / "before"
    folder.mkdir()
    subprocess.run(["tar", "-x", "-C", folder], input=archive.stdout, check=True)
    return folder


class Person:
    """Uses the pages of one web process."""

    def __init__(self, host: str, user: User | None = None) -> None:
        self.host = host
        self.headers = {"Cookie": f"csrftoken={TOKEN}", "Content-Type": "application/x-www-form-urlencoded"}
        if user:
            client = Client()
            client.force_login(user)
            name = configured.SESSION_COOKIE_NAME
            self.headers["Cookie"] += f"; {name}={client.cookies[name].value}"

    def reads(self, page: str) -> str:
        status, text = answered(self.host, page, headers=self.headers)
        assert status == 200, (page, text)
        return text

    def presses(self, button: str, **fields: object) -> None:
        body = urlencode({"csrfmiddlewaretoken": TOKEN, **fields})
        status, text = answered(self.host, button, method="POST", headers=self.headers, body=body)
        assert status == 302, (button, text)


@pytest.mark.server
@pytest.mark.django_db(transaction=True)
def test_the_code_before_and_this_one_take_steps_in_one_case_in_turns(
    code_before, tmp_path, general_record, market_bureau, alice, wang, li, zhao
):
    case = prepared(general_record, market_bureau, alice)
    with portal(port := free_port(), tmp_path, code=code_before):
        host = f"127.0.0.1:{port}"
        anybody, applicant, officer = Person(host), Person(host, alice), Person(host, wang)
        for page in ("/", "/guide/", f"/search/?{urlencode({'q': general_record.document_number})}"):
            anybody.reads(page)
        assert case.number in applicant.reads(reverse("repairs:tasks", args=[case.number]))
        applicant.presses(reverse("repairs:submit", args=[case.number]), version=case.version)
        assert case.number in applicant.reads(reverse("repairs:status", args=[case.number]))

        case = RepairCase.objects.get()
        assert case.status == "submitted"
        assert case.number in officer.reads(reverse("admin:repairs_repaircase_changelist"))
        officer.reads(reverse("admin:repairs_repaircase_change", args=[case.pk]))
        accept = reverse("admin:repairs_step", args=[case.pk, "accept"])
        officer.reads(accept)
        officer.presses(accept, version=case.version)

        # Now this version.
        case = RepairCase.objects.get()
        assert case.status == "accepted"
        at = timezone.now()
        reviewed(case, li, at=f"{timezone.localtime(at):%Y-%m-%d %H:%M}")
        case = steps.grant_case(case=RepairCase.objects.get(), actor=zhao, at=at)

        # And the pages of the one before about what this one has done.
        assert case.decision_number in applicant.reads(reverse("repairs:status", args=[case.number]))
        assert "准予" in Person(host, zhao).reads(reverse("admin:repairs_repaircase_change", args=[case.pk]))
    letters = Document.objects.filter(about=case.number).values_list("kind", flat=True)
    assert {"receipt", "acceptance_notice", "grant_decision"} <= set(letters)
    assert check_queues(at=at) == []
    assert not verify_ledger(at=at).broken
