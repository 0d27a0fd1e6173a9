"""The reception of a person at the window, as it is looked at and printed (Article 19)."""

import pytest
from django.urls import reverse

from tests.browsing import shown
from tests.repairs.receptions import filed, filled_in, received

pytestmark = [pytest.mark.django_db, pytest.mark.browser]


@pytest.mark.parametrize("width", [1280, 360])
def test_the_pages_of_a_reception_fit_and_lead_to_the_receipt(
    client, browser, general_record, serious_record, acme, wang, width
):
    case = filed(general_record, wang)
    draft = filled_in(received(serious_record, wang), wang)
    client.force_login(wang)

    def at(name, *arguments):
        return reverse(f"admin:repairs_reception_{name}", args=arguments)

    pages = [
        at("changelist"),
        at("find"),
        at("receive", acme.pk),
        at("change", case.filing.reception_id),
        at("change", draft.filing.reception_id),
        at("task", draft.filing.reception_id, draft.pk, "signed"),
    ]
    answers = {path: client.get(path) for path in pages}
    for path in pages:
        with shown(browser, path, answers, width) as seen:
            page = seen.page
            assert page.evaluate("document.documentElement.scrollWidth") <= width, path
            assert seen.complaints == [], path
    with shown(browser, pages[3], answers, width) as seen:
        seen.page.get_by_role("link", name="信用修复申请回执").first.wait_for()
        assert seen.page.get_by_text("等待送达").first.is_visible()
