"""The first day stands on a draft that is reached before it."""

from datetime import date

import pytest
import time_machine
from django.urls import reverse

from tests.fixtures import make_record, moment
from tests.pages import text

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def on_the_20th():
    with time_machine.travel(moment("2026-11-20 10:00"), tick=False):
        yield


def test_an_early_draft_says_from_which_day(client, acme, market_bureau, alice):
    """Whoever types the address: the list of records offers it later."""
    early, today = [
        make_record(acme, market_bureau, document_number=f"宁市监处罚〔2026〕{n}号", decided_on=day)
        for n, day in ((1, date(2026, 8, 20)), (2, date(2026, 8, 19)))
    ]
    client.force_login(alice)
    said = "这条记录2026年11月21日起才可以申请，在那以前不能提交。"
    for record, told in ((early, True), (today, False)):
        start = reverse("repairs:start", args=[record.pk])
        assert (said in text(client.get(start))) == told
        tasks = client.post(start, {"organ": market_bureau.pk}).url
        assert ("才可以申请" in text(client.get(tasks))) == told
