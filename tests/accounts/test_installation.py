"""create_installation: the first organ, the first security administrator, the secrets of .env."""

import io
import re
import stat
from datetime import timedelta
from pathlib import Path

import pytest
from django.core import mail
from django.core.management import CommandError, call_command
from django.utils import timezone

from applications.accounts.models import Role, StaffRole, User
from applications.ledger.models import Event
from applications.notifications.models import Message
from applications.notifications.sending import send_messages
from applications.organs.models import Organ
from applications.portal.management.commands import create_installation
from applications.sharing.models import Destination
from tests.notifications.smtp import MailServer

ROOT = Path(__file__).resolve().parents[2]
ANSWERS = {
    "organ_code": "js-xyzx",
    "organ_name": "江苏省公共信用信息中心",
    "prefix": "苏信中心",
    "uscc": "123200000000000192",
    "name": "陈安全",
    "email": "Chen@js.example.cn",
}


@pytest.fixture(autouse=True)
def _as_outside_a_transaction(settings):
    """Each of these tests is one transaction, in which nothing but a test may speak to a mail server."""
    settings.ALLOW_OUTBOUND_IN_TRANSACTION = True
    # The served mode has none unless the operator names one.
    settings.PLATFORM_URL = "http://127.0.0.1:8010"


@pytest.fixture
def no_mail_server(settings):
    backend = settings.EMAIL_BACKEND
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1

    def comes_back():
        settings.EMAIL_BACKEND = backend

    return comes_back


def install(**answers: object) -> str:
    out = io.StringIO()
    call_command("create_installation", **{**ANSWERS, **answers}, stdout=out)
    return out.getvalue()


def refused(**answers: object) -> str:
    with pytest.raises(CommandError) as refusal:
        install(**answers)
    assert refusal.value.returncode == 2
    assert "\n" not in str(refusal.value)
    return str(refusal.value)


def nothing_is_there() -> bool:
    rows = (Organ, User, Event, Message)
    return not (any(model.objects.exists() for model in rows) or mail.outbox)


def opens_an_account(client, letter) -> bool:
    page = client.get(re.search(r"https?://[^/]+(/\S+)", letter.body).group(1), follow=True)
    return page.status_code == 200 and 'name="password1"' in page.content.decode()


@pytest.mark.django_db
class TestFirstRun:
    def test_organ_and_administrator_are_there_and_the_invitation_opens_the_account(self, client):
        said = install()
        organ, person = Organ.objects.get(), User.objects.get()
        assert (organ.code, organ.kind, organ.level, organ.region) == (
            "js-xyzx",
            Organ.Kind.CREDIT_BUREAU,
            Organ.Level.PROVINCE,
            "320000",
        )
        assert (person.email, person.organ, person.has_usable_password()) == (
            "chen@js.example.cn",
            organ,
            False,
        )
        assert [each.role for each in StaffRole.objects.all()] == [Role.SECURITY_ADMIN]
        assert said.count("已建立") == 2
        assert "已交给邮件服务器，收件人 chen@js.example.cn" in said
        assert not Message.objects.exists()
        (letter,) = mail.outbox
        assert letter.to == ["chen@js.example.cn"]
        assert opens_an_account(client, letter)

    def test_the_ledger_tells_of_both(self):
        install()
        assert list(Event.objects.order_by("pk").values_list("verb", "actor")) == [
            ("organ.created", None),
            ("user.created", None),
            ("user.roles_changed", None),
            ("destination.registered", None),
        ]

    def test_the_platform_of_the_settings_is_the_provinces_and_the_key_is_told_to_nobody(self, settings):
        settings.PLATFORM_URL, settings.PLATFORM_KEY = "https://share.example.cn/", "a key for tests"
        said = install()
        assert "江苏省公共信用信息共享平台（https://share.example.cn）：已登记" in said
        platform = Destination.objects.get()
        assert (platform.level, platform.region, platform.key) == ("province", "320000", "a key for tests")
        event = Event.objects.get(verb="destination.registered")
        assert "a key for tests" not in said + str(event.payload) + platform.sealed_key

    def test_without_a_platform_in_the_settings_there_is_none(self, settings):
        settings.PLATFORM_URL = ""
        assert "平台" not in install()
        assert not Destination.objects.exists()

    def test_half_an_address_of_a_platform_stops_all_of_it(self, settings):
        settings.PLATFORM_URL = "share.example.cn"
        assert "PLATFORM_URL 应为" in refused()
        assert nothing_is_there()

    def test_a_platform_that_is_there_stays(self, settings):
        install()
        settings.PLATFORM_URL = "https://other.example.cn"
        install()
        assert Destination.objects.get().address == "http://127.0.0.1:8010"

    @pytest.mark.parametrize(("region", "level"), [("320100", "city"), ("320102", "county")])
    def test_the_level_follows_from_the_region(self, region, level):
        install(region=region)
        assert Organ.objects.get().level == level


@pytest.mark.django_db
class TestAgain:
    def test_nothing_is_doubled_and_no_second_mail_is_sent(self):
        install()
        said = install()
        assert said.count("已存在，没有变化") == 2 and "--send-again" in said
        assert "没有邮件等待发送，本次也没有发送" in said
        assert (Organ.objects.count(), User.objects.count(), len(mail.outbox), Event.objects.count()) == (
            1,
            1,
            1,
            4,
        )

    def test_the_invitation_is_sent_again_if_asked(self):
        install()
        assert "已交给邮件服务器" in install(send_again=True)
        assert len(mail.outbox) == 2 and User.objects.count() == 1

    def test_an_organ_that_is_there_under_this_code_must_be_the_same(self):
        install()
        assert "机关代字" in refused(prefix="别的字")
        assert Organ.objects.get().document_prefix == "苏信中心"

    def test_a_second_administrator_is_made_by_the_first(self):
        install()
        assert "已有安全管理员 chen@js.example.cn" in refused(email="other@js.example.cn", name="周其他")
        person = User.objects.get()
        person.set_password("long enough for anybody")
        person.save()
        assert "已有安全管理员 chen@js.example.cn" in refused(email="other@js.example.cn")
        assert User.objects.count() == 1
        assert "已经设置密码，没有发送邮件" in install()

    def test_a_mistyped_address_is_put_right_until_there_is_a_password(self, client):
        install(email="chne@js.example.cn")
        (astray,) = mail.outbox
        said = install()
        assert "电子邮箱已更换" in said and "已交给邮件服务器，收件人 chen@js.example.cn" in said
        assert [letter.to for letter in mail.outbox] == [["chne@js.example.cn"], ["chen@js.example.cn"]]
        assert User.objects.get().email == "chen@js.example.cn"
        assert opens_an_account(client, mail.outbox[1])
        assert not opens_an_account(client, astray)

    def test_an_account_of_another_kind_stays_as_it_is(self, wang):
        assert "已有账号" in refused(email=wang.email)
        assert list(StaffRole.objects.values_list("role", flat=True)) == [Role.INTAKE]
        assert not Organ.objects.filter(code="js-xyzx").exists()


@pytest.mark.django_db
class TestBadInput:
    @pytest.mark.parametrize(
        ("answer", "named"),
        [
            ({"uscc": "123200000000000193"}, "统一社会信用代码"),
            ({"uscc": "12"}, "统一社会信用代码"),
            ({"region": "110000"}, "行政区划"),
            ({"email": "nobody"}, "电子邮箱"),
            ({"email": "名@"}, "电子邮箱"),
            ({"organ_code": "有 空格"}, "机构编号"),
            ({"organ_name": " "}, "机构全称"),
            ({"organ_name": "长" * 201}, "机构全称"),
            ({"prefix": "\0"}, "机关代字"),
            ({"prefix": "（苏）信 a"}, "请改为“苏信A”"),
            ({"name": ""}, "姓名"),
            ({"email": None}, "--email"),
            ({"organ_code": None, "uscc": None}, "--organ-code、--uscc"),
        ],
    )
    def test_one_sentence_names_the_answer_and_nothing_is_made(self, answer, named):
        assert named in refused(**answer)
        assert nothing_is_there()

    def test_a_code_that_another_organ_has(self, market_bureau):
        assert "统一社会信用代码" in refused(uscc="11320100MB1886843H") or "机构" in refused(
            organ_code="other", prefix=market_bureau.document_prefix
        )
        assert Organ.objects.count() == 1 and not User.objects.exists()


@pytest.mark.django_db
class TestMailServer:
    def test_the_invitation_waits_and_the_worker_hands_it_over(self, no_mail_server, client):
        said = install()
        assert said.count("已建立") == 2
        assert "还没有发往 chen@js.example.cn" in said and "Connection refused" in said and "worker" in said
        # Another look changes nothing and says the same.
        said = install()
        assert "还没有发往 chen@js.example.cn" in said and "Connection refused" in said
        assert (User.objects.count(), Message.objects.count()) == (1, 1)
        no_mail_server()
        send_messages(at=timezone.now() + timedelta(minutes=2))
        (letter,) = mail.outbox
        assert opens_an_account(client, letter)
        assert "没有邮件等待发送" in install()

    def test_sent_again_while_it_waits_it_still_is_one_letter(self, no_mail_server):
        install()
        install(send_again=True)
        assert Message.objects.count() == 1
        no_mail_server()
        assert "已交给邮件服务器" in install(send_again=True)
        send_messages(at=timezone.now() + timedelta(days=1))
        assert len(mail.outbox) == 1

    def test_no_worker_hands_it_over_beside_the_command(self, monkeypatch):
        """The sweep that the nudge starts comes while the command still speaks to the mail server."""
        handed_over = create_installation.hand_over_taken

        def slowly(letter, *, at):
            assert not send_messages(at=at)
            return handed_over(letter, at=at)

        monkeypatch.setattr(create_installation, "hand_over_taken", slowly)
        install()
        assert len(mail.outbox) == 1

    def test_a_command_that_is_ended_leaves_the_letter_to_the_worker(self, monkeypatch):
        def killed(letter, *, at):
            raise KeyboardInterrupt

        monkeypatch.setattr(create_installation, "hand_over_taken", killed)
        with pytest.raises(KeyboardInterrupt):
            install()
        send_messages(at=timezone.now() + timedelta(minutes=6))
        assert len(mail.outbox) == 1

    def test_a_refused_address_is_said_with_its_reason_and_can_be_put_right(self, settings):
        server = MailServer()
        try:
            server.refusal = "550 no such user"
            settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
            settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", server.port
            said = install(email="chne@js.example.cn")
            assert "拒收发给 chne@js.example.cn" in said and "550 no such user" in said
            server.refusal = ""
            assert "已交给邮件服务器，收件人 chen@js.example.cn" in install()
            assert [letter["To"] for letter in server.mails] == ["chen@js.example.cn"]
        finally:
            server.close()


class TestKeys:
    def keys(self, path: Path) -> str:
        out = io.StringIO()
        call_command("create_installation", keys=path, stdout=out)
        return out.getvalue()

    def values(self, path: Path) -> dict[str, str]:
        lines = [line for line in path.read_text().splitlines() if line[:1].isalpha()]
        return dict(line.split("=", 1) for line in lines)

    def test_the_secrets_of_the_example_are_filled_in_and_nothing_else(self, tmp_path):
        path = tmp_path / ".env"
        example = (ROOT / "deploy/env.example").read_text()
        path.write_text(example)
        self.keys(path)
        before, after = self.values(ROOT / "deploy/env.example"), self.values(path)
        made = {name: value for name, value in after.items() if value != before[name]}
        assert len(made) == 7 and len(set(made.values())) == 7
        assert all(re.fullmatch("[0-9a-f]{64}", value) for value in made.values())
        assert [line for line in path.read_text().splitlines() if line.startswith("#")] == [
            line for line in example.splitlines() if line.startswith("#")
        ]
        assert stat.S_IMODE(path.stat().st_mode) == 0o600

    def test_what_has_a_value_is_never_changed(self, tmp_path):
        path = tmp_path / ".env"
        path.write_text("FIELD_KEY=mine\nSECRET_KEY=''\nREDIS_PASSWORD= # later")
        said = self.keys(path)
        values = self.values(path)
        assert values["FIELD_KEY"] == "mine" and "FIELD_KEY" not in said
        assert len(values["SECRET_KEY"]) == len(values["REDIS_PASSWORD"]) == 64
        content = path.read_bytes()
        assert "没有改动" in self.keys(path)
        assert path.read_bytes() == content

    def test_a_file_that_cannot_be_written_is_one_sentence(self, tmp_path):
        with pytest.raises(CommandError, match="没有改动") as refusal:
            self.keys(tmp_path / "no" / ".env")
        assert refusal.value.returncode == 2
