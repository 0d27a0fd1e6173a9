"""Keys in a hardware module (PKCS#11): they sign there and never leave it."""

import os
import subprocess
import sys
from io import StringIO

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, pkcs12
from django.core.exceptions import ImproperlyConfigured
from django.core.management import CommandError, call_command

from applications.documents import keys, signatures, signing
from applications.documents.models import SigningCertificate
from applications.documents.services import render_document
from applications.documents.signatures import Signature, Worth
from applications.sample.certificates import PASSPHRASE, Authority
from credit_repair import environment
from tests.conftest import SOFTHSM
from tests.documents.conftest import ISSUED
from tests.fixtures import TODAY

pytestmark = [pytest.mark.django_db, pytest.mark.module]
NAME = "南京市市场监督管理局"
HOLDS = Signature(Worth.HOLDS, NAME, ISSUED, stamped=False)


@pytest.fixture(scope="module")
def token(tmp_path_factory):
    """Puts keys and certificates into a module of its own, and says with which settings it is reached."""
    folder = tmp_path_factory.mktemp("module")
    (folder / "tokens").mkdir()
    (folder / "softhsm.conf").write_text(f"directories.tokendir = {folder / 'tokens'}\n")
    (folder / "pin").write_text("2468\n")
    os.environ["SOFTHSM2_CONF"] = str(folder / "softhsm.conf")
    arguments = ("--init-token", "--free", "--label", "organs", "--so-pin", "1357", "--pin", "2468")
    subprocess.run(["softhsm2-util", *arguments], check=True, capture_output=True)
    yield {"SIGNING_MODULE": str(SOFTHSM), "SIGNING_TOKEN": "organs", "SIGNING_PIN_FILE": str(folder / "pin")}
    keys.hang_up()
    del os.environ["SOFTHSM2_CONF"]


@pytest.fixture(scope="module")
def authority() -> Authority:
    """Of today, for the command reads the clock."""
    return Authority(TODAY)


@pytest.fixture(autouse=True)
def _module(settings, token):
    for name, value in token.items():
        setattr(settings, name, value)


@pytest.fixture
def put(token, authority, tmp_path):
    """Puts a key and a certificate for a name under a label."""

    def put(label: str, name: str, *, key, certified=None) -> x509.Certificate:
        import pkcs11
        from pkcs11.util.x509 import decode_x509_certificate

        content = authority.issue(name, key=certified or key)
        certificate = pkcs12.load_key_and_certificates(content, PASSPHRASE)[1]
        private = tmp_path / "key.pem"
        private.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
        number = os.urandom(4).hex()
        arguments = (
            "--import",
            private,
            "--token",
            "organs",
            "--label",
            label,
            "--id",
            number,
            "--pin",
            "2468",
        )
        subprocess.run(["softhsm2-util", *arguments], check=True, capture_output=True)
        # What another program put there is seen by a conversation that begins later.
        keys.hang_up()
        held = pkcs11.lib(str(SOFTHSM)).get_token(token_label="organs")
        with held.open(rw=True, user_pin="2468") as session:
            for each, name_there in ((certificate, label), (authority.certificate, f"issuer of {label}")):
                attributes = decode_x509_certificate(each.public_bytes(Encoding.DER))
                session.create_object(
                    {**attributes, pkcs11.Attribute.LABEL: name_there, pkcs11.Attribute.TOKEN: True}
                )
        return certificate

    return put


def ec_key():
    return ec.generate_private_key(ec.SECP256R1())


@pytest.mark.parametrize("kind", ["rsa", "ec"])
def test_a_letter_is_signed_in_the_module(kind, put, issue, market_bureau, settings):
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048) if kind == "rsa" else ec_key()
    put(kind, NAME, key=key)
    said = StringIO()
    call_command("signing_key", market_bureau.code, module=kind, stdout=said)
    row = SigningCertificate.objects.get(used_until=None)
    assert f"已启用{NAME}的签名证书 {row.sha256}" in said.getvalue()
    assert "示例电子认证" in x509.load_pem_x509_certificate(row.issuers.encode()).subject.rfc4514_string()
    assert signatures.of_document(render_document(issue().pk, at=ISSUED)) == HOLDS
    # No key of it is a file.
    assert not os.path.exists(settings.SIGNING_DIR)


def test_a_key_that_does_not_fit_is_not_taken(put, market_bureau):
    put("other", NAME, key=ec_key(), certified=ec_key())
    with pytest.raises(CommandError, match="does not fit the certificate") as error:
        call_command("signing_key", market_bureau.code, module="other")
    assert error.value.returncode == 2 and not SigningCertificate.objects.exists()


def test_what_is_not_there_is_said(market_bureau, settings):
    with pytest.raises(CommandError, match="0 certificates with the label nothing"):
        call_command("signing_key", market_bureau.code, module="nothing")
    settings.SIGNING_TOKEN = "another"
    keys.hang_up()
    with pytest.raises(CommandError, match="硬件密码模块中的密钥不能使用"):
        call_command("signing_key", market_bureau.code, module="nothing")
    settings.SIGNING_MODULE = ""
    with pytest.raises(CommandError, match="SIGNING_MODULE"):
        call_command("signing_key", market_bureau.code, module="nothing")


def test_of_somebody_else_is_refused_in_the_words_of_the_file(put, market_bureau):
    put("suzhou", "苏州市生态环境局", key=ec_key())
    with pytest.raises(CommandError, match="证书是发给“苏州市生态环境局”的"):
        call_command("signing_key", market_bureau.code, module="suzhou")


def test_no_letter_goes_out_unsigned_while_the_module_is_away(put, issue, market_bureau, settings):
    put("away", NAME, key=ec_key())
    signing.install_from_module(organ=market_bureau, label="away", at=ISSUED)
    document, library = issue(), settings.SIGNING_MODULE
    settings.SIGNING_MODULE = ""
    with pytest.raises(signing.NoKey):
        render_document(document.pk, at=ISSUED)
    document.refresh_from_db()
    assert document.pdf is None and "SIGNING_MODULE" in document.render_error
    settings.SIGNING_MODULE = library
    assert signatures.of_document(render_document(document.pk, at=ISSUED)) == HOLDS


def test_a_session_that_is_lost_is_begun_anew(put, issue, market_bureau):
    put("lost", NAME, key=ec_key())
    signing.install_from_module(organ=market_bureau, label="lost", at=ISSUED)
    keys._sessions[os.getpid()].close()
    document = issue()
    with pytest.raises(signing.NoKey, match="the hardware module refuses"):
        render_document(document.pk, at=ISSUED)
    assert signatures.of_document(render_document(document.pk, at=ISSUED)) == HOLDS


def test_a_session_that_is_there_already_is_joined(put, issue, market_bureau):
    """Of a process that this one was forked from."""
    put("joined", NAME, key=ec_key())
    signing.install_from_module(organ=market_bureau, label="joined", at=ISSUED)
    of_the_parent = keys._sessions.pop(os.getpid())
    assert signatures.of_document(render_document(issue().pk, at=ISSUED)) == HOLDS
    of_the_parent.close()


# What another process of the portal does.
SIGNS = """
import django

django.setup()
from applications.documents import keys

try:
    keys.in_module("pin")
except keys.NoKey as error:
    print(error)
else:
    print("signed")
"""
SERVED = {"DATABASE_URL", "CACHE_URL", "BROKER_URL"}


@pytest.fixture
def elsewhere(settings, tmp_path):
    """What another process, which shares the cache, is told when it begins to speak with the module."""
    settings.CACHES = {
        "default": {"BACKEND": "credit_repair.cache.CountingFileCache", "LOCATION": str(tmp_path / "cache")}
    }

    def elsewhere() -> str:
        names = ("SIGNING_MODULE", "SIGNING_TOKEN", "SIGNING_PIN_FILE", "FIELD_KEY", "DIGEST_KEY")
        environment = {
            **{name: value for name, value in os.environ.items() if name not in SERVED},
            **{name: str(getattr(settings, name)) for name in names},
            "DJANGO_SETTINGS_MODULE": "credit_repair.settings",
            "DATA_DIR": str(tmp_path),
        }
        command = [sys.executable, "-c", SIGNS]
        return subprocess.run(command, env=environment, check=True, stdout=subprocess.PIPE, text=True).stdout

    return elsewhere


def test_a_refused_pin_is_tried_once_by_all_processes_together(
    put, market_bureau, settings, tmp_path, elsewhere
):
    put("pin", NAME, key=ec_key())
    keys.hang_up()
    wrong = tmp_path / "wrong"
    wrong.write_text("1111")
    settings.SIGNING_PIN_FILE = str(wrong)
    assert "PinIncorrect" in elsewhere()
    with pytest.raises(CommandError, match="the PIN was refused before"):
        call_command("signing_key", market_bureau.code, module="pin")
    assert "the PIN was refused before" in elsewhere()
    # A word that the module takes: after it the file is another.
    wrong.write_text("2468\n")
    assert elsewhere() == "signed\n"
    call_command("signing_key", market_bureau.code, module="pin", stdout=StringIO())
    assert SigningCertificate.objects.get(used_until=None).module_label == "pin"


def test_a_pin_that_is_written_anew_is_tried_anew(put, settings, tmp_path):
    """As when the module was given the PIN that the file had before."""
    put("anew", NAME, key=ec_key())
    keys.hang_up()
    wrong = tmp_path / "wrong"
    wrong.write_text("1111")
    settings.SIGNING_PIN_FILE = str(wrong)
    for told in ("PinIncorrect", "refused before"):
        with pytest.raises(signing.NoKey, match=told):
            keys.in_module("anew")
    os.utime(wrong, ns=(0, 0))
    with pytest.raises(signing.NoKey, match="PinIncorrect"):
        keys.in_module("anew")
    wrong.write_text("2468")
    assert keys.in_module("anew")


def test_settings_that_do_not_belong_together_are_refused(monkeypatch, token):
    for name, value in token.items():
        monkeypatch.setenv(name, value)
    assert environment.signing_module() == tuple(token.values())
    monkeypatch.setenv("SIGNING_MODULE", "/nowhere.so")
    with pytest.raises(ImproperlyConfigured, match=r"SIGNING_MODULE 指向的文件 /nowhere.so 不存在"):
        environment.signing_module()
    monkeypatch.setenv("SIGNING_MODULE", "")
    with pytest.raises(ImproperlyConfigured, match="应同时设置"):
        environment.signing_module()
