"""A claim that ends between the page and the act: 403 with the reason on a page of ours, and nothing is done."""

import pytest
from django.urls import reverse

from applications.repairs import services, steps
from applications.repairs.models import Material, RepairCase
from applications.subjects.models import Claim
from tests.fixtures import PASSWORD
from tests.pages import text
from tests.repairs.steps import pdf, prepared, submitted

pytestmark = pytest.mark.django_db


@pytest.fixture
def ends(monkeypatch):
    """ends(module, service): the claims end when the view has looked at the case and calls the service."""

    def ends(module, name):
        service = getattr(module, name)

        def later(**given):
            Claim.objects.update(status=Claim.Status.REJECTED)
            return service(**given)

        monkeypatch.setattr(module, name, later)

    return ends


def is_told(answer):
    page = text(answer)
    assert answer.status_code == 403
    assert "您的账号不能办理这件事" in page and "这次提交没有办理" in page
    assert reverse("subjects:mine") in page and 'class="actions"' in page


def test_nothing_is_begun(client, general_record, market_bureau, alice, ends):
    client.force_login(alice)
    ends(services, "start_filing")
    is_told(client.post(reverse("repairs:start", args=[general_record.pk]), {"organ": market_bureau.pk}))
    assert not RepairCase.objects.exists()


@pytest.mark.parametrize(
    ("page", "module", "service", "sent"),
    [
        ("contact", services, "save_contact", {"name": "新人", "phone": "13900000000"}),
        ("fulfilment", services, "save_fulfilment", {"corrected_on": "2026-06-09"}),
        ("submit", steps, "submit_case", {"version": "0"}),
        ("withdraw", steps, "withdraw_case", {}),
        (
            "commitment",
            services,
            "sign_commitment",
            {"signatory": "陈示例", "publication_consent": "yes", "password": PASSWORD, "confirmed": "on"},
        ),
    ],
)
def test_a_draft_stays_as_it_is(
    client, general_record, market_bureau, alice, ends, page, module, service, sent
):
    case = prepared(general_record, market_bureau, alice)
    client.force_login(alice)
    before = RepairCase.objects.values().get(), case.filing.contact_name, case.filing.commitment
    ends(module, service)
    is_told(client.post(reverse(f"repairs:{page}", args=[case.number]), sent))
    after = RepairCase.objects.get(pk=case.pk)
    assert before == (RepairCase.objects.values().get(), after.filing.contact_name, after.filing.commitment)


def test_no_file_is_kept(client, general_record, market_bureau, alice, ends):
    case = prepared(general_record, market_bureau, alice)
    client.force_login(alice)
    files = Material.objects.count()
    ends(services, "add_material")
    is_told(
        client.post(reverse("repairs:files", args=[case.number, "licence"]), {"uploads": pdf("执照.pdf")})
    )
    assert Material.objects.count() == files


def test_a_submitted_case_is_not_withdrawn(client, general_record, market_bureau, alice, ends):
    case = submitted(general_record, market_bureau, alice)
    client.force_login(alice)
    ends(steps, "withdraw_case")
    is_told(client.post(reverse("repairs:withdraw", args=[case.number])))
    assert RepairCase.objects.get().status == "submitted"
