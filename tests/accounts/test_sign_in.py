"""Sign-up, sign-in, verification of the address and the password, as a person meets them."""

import re

import pytest
from django.urls import reverse

from applications.accounts.models import User
from tests.accounts.mailbox import delivered
from tests.fixtures import PASSWORD

NEW = {
    "name": "周申请",
    "phone": "025-12345678",
    "email": "Zhou@Example.com",
    "password1": "four plain little words",
    "password2": "four plain little words",
}


@pytest.fixture(autouse=True)
def mails_may_go(settings):
    settings.ALLOW_OUTBOUND_IN_TRANSACTION = True


def sign_in(client, email, password=PASSWORD, **extra):
    return client.post(reverse("account_login"), {"login": email, "password": password, **extra})


def link_in(message) -> str:
    return re.search(r"https?://[^/]+(/accounts/\S+)", message.body)[1]


def test_signing_up_verifies_the_address_before_anything_else(client, db):
    response = client.post(reverse("account_signup"), NEW, follow=True)
    assert "请查收验证邮件" in response.content.decode()
    user = User.objects.get()
    assert (user.name, user.phone, user.email) == ("周申请", "025-12345678", "zhou@example.com")
    assert not user.is_staff
    [message] = delivered()
    assert (
        message.subject
        == "【江苏信用修复】请验证您的邮箱 / [Jiangsu Credit Repair] Verify your e-mail address"
    )
    assert "周申请" in message.body

    # Not verified yet: the right password does not let in.
    response = sign_in(client, "zhou@example.com", NEW["password1"])
    assert response.url == reverse("account_email_verification_sent")
    assert "_auth_user_id" not in client.session

    # Opening the link changes nothing (mail scanners do that); the button does.
    page = client.get(link_in(message)).content.decode()
    assert "zhou@example.com" in page
    assert not user.emailaddress_set.get().verified
    response = client.post(link_in(message), follow=True)
    assert "邮箱已验证" in response.content.decode()
    assert sign_in(client, "zhou@example.com", NEW["password1"]).url == reverse("portal:desk")


def test_signing_up_with_a_known_address_looks_the_same(client, alice):
    unknown = client.post(reverse("account_signup"), NEW, follow=True)
    client.logout()
    known = client.post(reverse("account_signup"), {**NEW, "email": alice.email}, follow=True)
    assert known.redirect_chain == unknown.redirect_chain
    without_token = re.compile(r'name="csrfmiddlewaretoken" value="\w+"')
    assert without_token.sub("", known.content.decode()) == without_token.sub("", unknown.content.decode())
    to_unknown, to_known = delivered()
    assert (to_unknown.to, to_known.to) == (["zhou@example.com"], [alice.email])
    assert "已有账号" in to_known.subject
    assert User.objects.filter(email=alice.email).count() == 1


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("name", "", "请填写姓名"),
        ("name", "***", "请填写真实姓名"),
        ("phone", "12", "请填写11位手机号码"),
        ("phone", "<script>", "请填写11位手机号码"),
        ("email", "nobody", "有效的"),
        ("password1", "1234567890", "数字"),
        ("password2", "something else entirely", "相同"),
    ],
)
def test_a_mistake_in_the_form_is_named_and_the_rest_is_kept(client, db, field, value, said):
    page = client.post(reverse("account_signup"), {**NEW, field: value}).content.decode()
    assert "<title>错误：注册" in re.sub(r"\s+", " ", page)
    assert said in page
    assert f'href="#id_{field}"' in page
    if field != "name":
        assert "周申请" in page
    assert not User.objects.exists()


def test_everybody_signs_in_on_one_page_and_lands_at_the_own_desk(client, alice, wang):
    assert sign_in(client, alice.email).url == reverse("portal:desk")
    client.logout()
    assert sign_in(client, wang.email.upper()).url == reverse("admin:index")
    client.logout()
    assert sign_in(client, alice.email, next="/subjects/").url == "/subjects/"
    client.logout()
    assert sign_in(client, alice.email, next="https://evil.example/").url == reverse("portal:desk")


def test_a_wrong_password_and_an_unknown_address_get_the_same_answer(client, alice):
    def answer(email):
        page = sign_in(client, email, "wrong password").content.decode()
        return re.findall(r"<li>([^<]*不正确[^<]*)</li>", page)

    assert answer(alice.email) == answer("nobody@example.com") != []


def test_after_five_failures_the_right_password_has_to_wait(client, alice):
    for _ in range(5):
        sign_in(client, alice.email, "wrong password")
    page = sign_in(client, alice.email).content.decode()
    assert "登录失败次数过多" in page
    assert "_auth_user_id" not in client.session


def test_a_disabled_account_cannot_sign_in(client, wang):
    User.objects.update(is_active=False)
    response = sign_in(client, wang.email)
    assert "_auth_user_id" not in client.session
    assert "停用" in client.get(response.url).content.decode()


def test_the_verification_mail_can_be_sent_again_but_not_at_will(client, alice):
    address = alice.emailaddress_set.get()
    address.verified = False
    address.save()
    url = reverse("accounts:resend")
    assert client.get(url).status_code == 200
    for email in (alice.email, "nobody@example.com", alice.email):
        response = client.post(url, {"email": email}, follow=True)
        assert "请查收验证邮件" in response.content.decode()
    # One to each; the second within three minutes is not sent.
    to_alice, to_nobody = delivered()
    assert (to_alice.to, to_nobody.to) == ([alice.email], ["nobody@example.com"])
    assert "没有账号" in to_nobody.body
    client.post(link_in(to_alice))
    address.refresh_from_db()
    assert address.verified
    assert "请填写" in client.post(url, {"email": ""}).content.decode()


def test_too_many_requests_get_a_page_in_chinese(client, db):
    for _ in range(6):
        response = client.post(reverse("accounts:resend"), {"email": "nobody@example.com"})
    assert response.status_code == 429
    assert "操作太频繁" in response.content.decode()


def test_a_forgotten_password_is_replaced_by_mail(client, alice):
    url = reverse("account_reset_password")
    for email in (alice.email, "nobody@example.com"):
        page = client.post(url, {"email": email}, follow=True).content.decode()
        assert "如果该邮箱有账号" in page
    to_alice, to_nobody = delivered()
    assert "没有与此邮箱对应的账号" in to_nobody.subject
    form = client.get(link_in(to_alice), follow=True)
    action = form.context["action_url"]
    page = client.post(action, {"password1": "short", "password2": "short"}).content.decode()
    assert "错误：" in page
    new = "quite another set of words"
    page = client.post(action, {"password1": new, "password2": new}, follow=True).content.decode()
    assert "密码已更新" in page
    assert sign_in(client, alice.email, new).url == reverse("portal:desk")
    client.logout()
    # The link works once.
    assert "已失效或已经用过" in client.get(link_in(to_alice), follow=True).content.decode()


@pytest.mark.parametrize(
    "name",
    ["account_change_password", "account_email", "account_reauthenticate", "account_logout"],
)
def test_account_pages_are_for_the_signed_in_and_in_chinese(client, alice, name):
    assert client.get(reverse(name)).status_code == 302
    client.force_login(alice)
    page = client.get(reverse(name)).content.decode()
    assert page.count("<h1") == 1
    assert not re.search(r">\s*(Sign|Change|Email|Confirm)", page)


@pytest.mark.parametrize(
    "name", ["account_login", "account_signup", "account_reset_password", "account_inactive"]
)
def test_entrance_pages_stand_alone(client, db, name):
    page = client.get(reverse(name)).content.decode()
    assert page.count("<h1") == 1
    assert "placeholder" not in page
    assert "style=" not in page


def test_the_address_is_replaced_only_when_the_new_one_is_verified(client, alice):
    client.force_login(alice)
    change = {"email": "new@example.com", "password": PASSWORD, "action_add": ""}
    client.post(reverse("account_email"), change)
    alice.refresh_from_db()
    assert alice.email == "alice@example.com"
    assert "new@example.com" in client.get(reverse("account_email")).content.decode()
    client.post(link_in(delivered()[0]))
    alice.refresh_from_db()
    assert alice.email == "new@example.com"
