"""Many rows in one go say the same as one by one, whatever characters are in them."""

import pytest
from django.db import IntegrityError, transaction

from applications.ledger.models import Event
from applications.ledger.services import Entry, record_event, record_events
from applications.ledger.verification import verify_ledger
from applications.notifications.models import Message
from applications.notifications.services import MessageDraft, notify_many
from tests.fixtures import moment

AT = moment("2026-11-20 09:00")
ODD = 'tab\tline\nreturn\rback\\slash \\N \\. "quotes" 引号“”，表情😀 null\u2028'


def test_a_batch_goes_on_where_each_chain_ends(market_bureau, wang):
    with transaction.atomic():
        record_event(chain="XF-1", verb="a", at=AT, actor=wang)
        written = record_events(
            entries=[
                Entry(chain="XF-1", verb="b", payload={"text": ODD}),
                Entry(chain="XF-2", verb="c", actor_id=wang.pk, organ_id=market_bureau.pk, role="intake"),
                Entry(chain="XF-1", verb="d"),
            ],
            at=AT,
        )
        record_event(chain="XF-1", verb="e", at=AT)
    assert written == 3
    assert list(Event.objects.filter(chain="XF-1").order_by("position").values_list("verb", flat=True)) == [
        *("a", "b", "d", "e"),
    ]
    assert Event.objects.get(verb="b").payload == {"text": ODD}
    assert Event.objects.get(verb="c").actor == wang
    assert verify_ledger(at=AT).broken is None


def test_messages_of_a_batch_are_written_once_or_not_at_all(wang, li):
    drafts = [
        MessageDraft(key="moved-1", recipient_id=user.pk, subject="题", body=ODD, about="XF-1")
        for user in (wang, li)
    ]
    notify_many(drafts=drafts, channel=Message.Channel.INBOX, at=AT)
    notify_many(drafts=drafts, channel=Message.Channel.EMAIL, at=AT)
    other = MessageDraft(key="moved-2", recipient_id=wang.pk, subject="题", body="")
    with pytest.raises(IntegrityError), transaction.atomic():
        notify_many(drafts=[other, *drafts], channel=Message.Channel.INBOX, at=AT)

    inbox = Message.objects.filter(channel="inbox")
    assert {message.recipient for message in inbox} == {wang, li}
    assert inbox.count() == 2
    assert all(message.body == ODD and message.status == "delivered" for message in inbox)
    email = Message.objects.get(channel="email", recipient=wang)
    assert (email.status, email.next_try_at, email.sent_at) == ("waiting", AT, None)
