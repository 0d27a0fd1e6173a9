"""通知设置: what one can choose, and what nobody can."""

import pytest

from applications.notifications.models import Group, Message, Preference
from applications.notifications.preferences import choose
from applications.notifications.services import MessageDraft, notify, notify_many
from tests.fixtures import TODAY

pytestmark = pytest.mark.django_db

SETTINGS = "/messages/settings/"


def mails(user) -> int:
    return Message.objects.filter(recipient=user, channel="email").count()


def told(user, group):
    notify(key=f"{group}", recipients=[user], subject="标题", body="正文", group=group, at=TODAY)


def test_the_page_is_found_and_keeps_what_is_chosen(client, alice):
    client.force_login(alice)
    for place in ("/messages/", "/desk/"):
        assert f'href="{SETTINGS}"' in client.get(place).content.decode()
    page = client.get(SETTINGS).content.decode()
    assert 'name="progress-email" checked' in page and "notice-email" not in page
    assert alice.email in page and "不能取消" in page
    page = client.post(SETTINGS, {"reminder-email": "on"}, follow=True).content.decode()
    assert "通知设置已保存" in page
    assert 'name="progress-email">' in page and 'name="reminder-email" checked' in page


def test_only_what_differs_from_the_usual_is_kept(client, alice):
    client.force_login(alice)
    client.post(SETTINGS, {"progress-email": "on"})
    assert [(each.group, each.channel, each.wanted) for each in Preference.objects.all()] == [
        ("reminder", "email", False)
    ]
    client.post(SETTINGS, {"progress-email": "on", "reminder-email": "on"})
    assert not Preference.objects.exists()


def test_what_has_legal_effect_goes_by_mail_whatever_is_sent(client, alice):
    client.force_login(alice)
    client.post(SETTINGS, {})
    for group in Group:
        told(alice, group)
    assert mails(alice) == 1
    assert Message.objects.filter(recipient=alice, channel="inbox").count() == 3
    assert Message.objects.get(recipient=alice, channel="email").key.startswith("notice/")
    with pytest.raises(KeyError):
        choose(user=alice, wanted={(Group.NOTICE, "email"): False})


def test_many_at_once_too(alice, bob):
    choose(user=alice, wanted={(Group.PROGRESS, "email"): False})
    drafts = [MessageDraft(f"m{user.pk}", user.pk, "标题", "正文") for user in (alice, bob)]
    for channel in (Message.Channel.INBOX, Message.Channel.EMAIL):
        notify_many(drafts=drafts, channel=channel, group=Group.PROGRESS, at=TODAY)
    assert (mails(alice), mails(bob)) == (0, 1)
    assert Message.objects.filter(channel="inbox").count() == 2


def test_not_yours(client, alice, bob, zhao):
    assert client.get(SETTINGS).url.startswith("/accounts/login/")
    client.force_login(bob)
    client.post(SETTINGS, {})
    assert not Preference.objects.exclude(user=bob).exists()
    # An officer's messages are part of the duty.
    client.force_login(zhao)
    assert client.post(SETTINGS, {}).url == "/messages/"
    page = client.get("/messages/").content.decode().split("<main", 1)[1]
    assert SETTINGS not in page and "“通知设置”" not in page and "按职责发送" in page
    assert not Preference.objects.filter(user=zhao).exists()
