"""What the settings read from the environment is right, or the start is refused with a sentence that names it."""

import re

import pytest
from django.core.exceptions import ImproperlyConfigured

from credit_repair.environment import env_address, env_flag, env_number, env_or_file, real_name


@pytest.mark.parametrize(
    "value, expected", [("1", True), ("TRUE", True), ("on", True), ("0", False), ("no", False)]
)
def test_a_switch(monkeypatch, value, expected):
    monkeypatch.setenv("BEHIND_PROXY", value)
    assert env_flag("BEHIND_PROXY", not expected) is expected


@pytest.mark.parametrize("default", [True, False])
def test_a_switch_that_is_not_set_is_what_it_is_by_itself(monkeypatch, default):
    monkeypatch.setenv("BEHIND_PROXY", "")
    assert env_flag("BEHIND_PROXY", default) is default


@pytest.mark.parametrize("value", ["ture", "2", "开", "yes please"])
def test_a_mistyped_switch_stops_the_start(monkeypatch, value):
    monkeypatch.setenv("BEHIND_PROXY", value)
    with pytest.raises(
        ImproperlyConfigured, match=f"BEHIND_PROXY 应是 1、true、yes、on（开）.*而不是“{value}”"
    ):
        env_flag("BEHIND_PROXY", False)


@pytest.mark.parametrize("value", ["-1", "5e2", "²", "1" * 10, "五百"])
def test_a_number_that_is_none_stops_the_start(monkeypatch, value):
    monkeypatch.setenv("DISK_ALARM_MB", value)
    with pytest.raises(ImproperlyConfigured, match="DISK_ALARM_MB 应是不带符号的整数，例如 500"):
        env_number("DISK_ALARM_MB", 500)


def test_a_secret_from_a_file(monkeypatch, tmp_path):
    (tmp_path / "key").write_text("一二三 abc\n")
    monkeypatch.delenv("SECRET_KEY", raising=False)
    monkeypatch.setenv("SECRET_KEY_FILE", str(tmp_path / "key"))
    assert env_or_file("SECRET_KEY") == "一二三 abc"


def test_a_secret_given_twice_stops_the_start(monkeypatch, tmp_path):
    monkeypatch.setenv("SECRET_KEY", "a")
    monkeypatch.setenv("SECRET_KEY_FILE", str(tmp_path / "key"))
    with pytest.raises(ImproperlyConfigured, match="SECRET_KEY 和 SECRET_KEY_FILE 只能设置一个"):
        env_or_file("SECRET_KEY")


@pytest.mark.parametrize(
    "content, said", [(None, "无法读取"), (b"\xff", "不是 UTF-8 文字"), (b"\n", "是空的")]
)
def test_a_file_that_holds_no_secret_stops_the_start(monkeypatch, tmp_path, content, said):
    if content is not None:
        (tmp_path / "key").write_bytes(content)
    monkeypatch.delenv("SECRET_KEY", raising=False)
    monkeypatch.setenv("SECRET_KEY_FILE", str(tmp_path / "key"))
    with pytest.raises(ImproperlyConfigured, match=said) as refused:
        env_or_file("SECRET_KEY")
    assert "SECRET_KEY_FILE" in str(refused.value) and str(tmp_path / "key") in str(refused.value)


@pytest.mark.parametrize("value", ["", "127.0.0.1:3310", "clamav:3310", "/run/clamav/clamd.ctl"])
def test_a_socket_is_a_path_or_host_and_port(monkeypatch, value):
    monkeypatch.setenv("CLAMD_ADDRESS", value)
    assert env_address("CLAMD_ADDRESS") == value


@pytest.mark.parametrize("value", ["clamav", "tcp://clamav:3310", "run/clamd.ctl", "clamav:port"])
def test_anything_else_stops_the_start(monkeypatch, value):
    monkeypatch.setenv("CLAMD_ADDRESS", value)
    with pytest.raises(ImproperlyConfigured, match="CLAMD_ADDRESS 应是套接字的绝对路径或者 主机:端口"):
        env_address("CLAMD_ADDRESS")


PROVIDER = {
    "issuer": "https://id.example.gov.cn/o",
    "client_id": "portal",
    "client_secret": "s",
    "label": "x",
}


def test_a_real_name_provider():
    assert real_name(**PROVIDER) == PROVIDER
    assert real_name(issuer="", client_id="", client_secret="", label="x") == {}


@pytest.mark.parametrize(
    "change, said",
    [
        ({"issuer": ""}, "REAL_NAME_ISSUER 未设置"),
        ({"client_id": ""}, "REAL_NAME_CLIENT_ID 未设置"),
        ({"client_secret": ""}, "REAL_NAME_CLIENT_SECRET 未设置"),
        ({"issuer": "http://id.example.gov.cn"}, "以 https:// 开头的地址，而不是“http://id.example.gov.cn”"),
        ({"issuer": "https://id.example.gov.cn/?a"}, "以 https:// 开头"),
    ],
)
def test_half_a_real_name_provider_stops_the_start(change, said):
    with pytest.raises(ImproperlyConfigured, match=re.escape(said)):
        real_name(**PROVIDER | change)
