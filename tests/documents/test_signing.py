"""The electronic signature on a letter: of the organ, over the whole file, and only where the organ has a certificate in use."""

from datetime import timedelta
from io import BytesIO, StringIO
from pathlib import Path

import pikepdf
import pytest
from cryptography.hazmat.primitives.serialization import pkcs12
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command
from django.urls import reverse
from pypdf import PdfReader

from applications.documents import signatures, signing
from applications.documents.models import Document, SigningCertificate
from applications.documents.rendering import render_pdf
from applications.documents.services import render_document
from applications.documents.signatures import Signature, Worth
from applications.files.papers import check_pdf
from applications.ledger.models import Event
from applications.organs.standing import standing_of
from applications.sample.certificates import LASTS, PASSPHRASE, Authority
from tests.documents.conftest import ISSUED
from tests.documents.test_verification import ask, seen
from tests.documents.test_verification_asking import bytes_of
from tests.fixtures import TODAY

pytestmark = pytest.mark.django_db
NAME = "南京市市场监督管理局"
HOLDS = Signature(Worth.HOLDS, NAME, ISSUED, stamped=False)
LINE = "文件中的电子签名"


def install(organ, content, at=ISSUED):
    return signing.install(organ=organ, content=content, passphrase=PASSPHRASE, at=at)


@pytest.fixture
def letter(issue, certificate) -> Document:
    return render_document(issue().pk, at=ISSUED)


def test_a_letter_is_signed_by_its_organ(letter, certificate):
    assert signatures.of_document(letter) == HOLDS
    event = Event.objects.get(verb="document.rendered")
    assert event.payload["signed_by"] == certificate.sha256 and event.payload["signature"] == "B-B"
    assert event.payload["pdf_sha256"] == letter.pdf.sha256


def test_the_signature_is_added_to_the_same_bytes_as_before(letter):
    unsigned = render_pdf(letter).pdf
    assert bytes_of(letter).startswith(unsigned)
    before, after = (PdfReader(BytesIO(each)).metadata for each in (unsigned, bytes_of(letter)))
    assert after == before


def test_a_signed_letter_is_still_what_archives_and_upload_forms_take(letter):
    """What can be seen without a validator: tests/documents/test_standards.py asks one."""
    with pikepdf.open(BytesIO(bytes_of(letter))) as pdf:
        assert pdf.open_metadata().pdfa_status == "3A" and pdf.pdf_version == "1.7"
        assert (
            pdf.Root.OutputIntents[0].S == "/GTS_PDFA1" and "/DestOutputProfile" in pdf.Root.OutputIntents[0]
        )
        assert pdf.Root.MarkInfo.Marked and "/StructTreeRoot" in pdf.Root and pdf.Root.Lang == "zh-CN"
        fonts = [each for each in pdf.objects if isinstance(each, pikepdf.Dictionary) and "/FontName" in each]
        assert fonts and all({"/FontFile", "/FontFile2", "/FontFile3"} & set(font.keys()) for font in fonts)
        (data,) = pdf.Root.AF
        assert data.AFRelationship == "/Data" and data.EF.F.Subtype == "/application/json"
    assert check_pdf(bytes_of(letter), ours=True) == letter.pdf.pages


def test_what_is_kept_of_the_key_is_encrypted(certificate, settings):
    (kept,) = Path(settings.SIGNING_DIR).iterdir()
    assert kept.name == f"{certificate.sha256}.p12" and kept.stat().st_mode & 0o777 == 0o600
    with pytest.raises(ValueError):
        pkcs12.load_key_and_certificates(kept.read_bytes(), PASSPHRASE)


@pytest.mark.parametrize("why", ["never had one", "withdrawn", "renamed", "expired"])
def test_without_a_certificate_in_use_nothing_claims_a_signature(
    why, client, issue, market_bureau, authority
):
    at = ISSUED
    if why != "never had one":
        install(market_bureau, authority.issue(NAME, ends=ISSUED + timedelta(days=9)))
    if why == "withdrawn":
        signing.withdraw(organ=market_bureau, at=ISSUED)
    elif why == "renamed":
        market_bureau.name = "南京市市场监管局"
        market_bureau.save()
    elif why == "expired":
        at = ISSUED + timedelta(days=10)
    letter = render_document(issue(at=at).pk, at=at)
    assert signatures.of_document(letter) == signatures.UNSIGNED
    assert "signed_by" not in Event.objects.get(verb="document.rendered").payload
    assert b"/ByteRange" not in bytes_of(letter)
    text = seen(ask(client, "", bytes_of(letter)))
    assert "这份文书真实有效。" in text and LINE not in text


def test_the_page_says_who_signed_the_chosen_file_and_when(client, letter):
    text = seen(ask(client, "", bytes_of(letter)))
    assert f"{LINE}✔由{NAME}签署，2026年12月2日14:03:00" in text
    assert "这份文书真实有效。" in text
    # By a code alone nobody has shown a file.
    page = client.get(reverse("documents:verified", args=[letter.verification_code]))
    assert LINE not in seen(page)


def test_a_signature_from_outside_the_time_of_its_certificate_is_not_believed(client, letter, certificate):
    SigningCertificate.objects.update(not_after=ISSUED - timedelta(seconds=1))
    assert signatures.of_document(letter).worth is Worth.NOT_IN_FORCE
    text = seen(ask(client, "", bytes_of(letter)))
    assert f"{LINE}✘签署时证书已过期" in text and "电子签名不能确认" in text and "真实有效" not in text


def test_what_was_signed_before_holds_after_the_key_is_changed_and_the_organ_renamed(
    issue, letter, market_bureau, authority
):
    later = ISSUED + timedelta(days=1)
    market_bureau.name = "南京市市场监管局"
    market_bureau.save()
    install(market_bureau, authority.issue(market_bureau.name), later)
    second = render_document(issue(at=later).pk, at=later)
    assert signatures.of_document(letter) == HOLDS
    assert signatures.of_document(second).organ == "南京市市场监管局"
    assert SigningCertificate.objects.filter(used_until=None).count() == 1


def test_where_the_key_cannot_be_had_no_letter_goes_out_unsigned(issue, certificate, settings, tmp_path):
    document = issue()
    settings.SIGNING_DIR = tmp_path / "elsewhere"
    with pytest.raises(signing.NoKey):
        render_document(document.pk, at=ISSUED)
    document.refresh_from_db()
    assert document.pdf is None and "cannot be read" in document.render_error
    settings.SIGNING_DIR = tmp_path / "signing"
    assert signatures.of_document(render_document(document.pk, at=ISSUED)) == HOLDS


class TestInstalling:
    def refused(self, organ, content, passphrase=PASSPHRASE, at=ISSUED) -> str:
        with pytest.raises(ValidationError) as error:
            signing.install(organ=organ, content=content, passphrase=passphrase, at=at)
        assert not SigningCertificate.objects.exists()
        return error.value.messages[0]

    def test_a_file_that_cannot_be_opened(self, market_bureau, authority):
        assert "口令不对" in self.refused(market_bureau, authority.issue(NAME), b"wrong")
        assert "口令不对" in self.refused(market_bureau, b"%PDF-1.7")

    def test_a_certificate_of_somebody_else(self, market_bureau, authority):
        assert "“苏州市生态环境局”" in self.refused(market_bureau, authority.issue("苏州市生态环境局"))

    @pytest.mark.parametrize("at", [ISSUED - timedelta(days=2), ISSUED + LASTS + timedelta(days=1)])
    def test_one_that_is_not_valid_now(self, market_bureau, authority, at):
        assert "有效期" in self.refused(market_bureau, authority.issue(NAME), at=at)

    def test_the_same_one_a_second_time(self, market_bureau, authority):
        content = authority.issue(NAME)
        install(market_bureau, content)
        with pytest.raises(ValidationError, match="只能启用一次"):
            install(market_bureau, content)

    def test_the_page_of_the_organ_tells_of_it(self, market_bureau, certificate):
        def told(on):
            return [(s.sentence, s.lacking) for s in standing_of(market_bureau, on) if "签名" in s.sentence]

        ends = (ISSUED + LASTS).date()
        assert told(ISSUED.date()) == [
            ("文书带有本单位的电子签名，证书有效期至2029年12月1日（周六）。", False)
        ]
        assert told(ends - timedelta(days=20))[0][1] is True
        assert "已于" in told(ends + timedelta(days=1))[0][0]

    def test_the_command(self, market_bureau, tmp_path):
        (tmp_path / "key.p12").write_bytes(Authority(TODAY).issue(NAME))
        (tmp_path / "word").write_text("sample\n")
        said = StringIO()
        arguments = ("signing_key", market_bureau.code, tmp_path / "key.p12")
        call_command(*arguments, passphrase_file=tmp_path / "word", stdout=said)
        row = SigningCertificate.objects.get(used_until=None)
        assert f"已启用{NAME}的签名证书 {row.sha256}" in said.getvalue()
        call_command("signing_key", market_bureau.code, "--withdraw", stdout=said)
        verbs = Event.objects.filter(chain=f"organ-{market_bureau.code}").values_list("verb", flat=True)
        assert list(verbs) == ["certificate.installed", "certificate.withdrawn"]
        for wrong, word in (
            (("nobody", "--withdraw"), "没有编号"),
            ((market_bureau.code,), "三者选一"),
            ((market_bureau.code, "--withdraw"), "没有正在使用"),
        ):
            with pytest.raises(CommandError, match=word) as error:
                call_command("signing_key", *wrong)
            assert error.value.returncode == 2


class TestTimeStamps:
    def test_the_letter_bears_the_time_of_the_authority(self, issue, certificate, stamped, settings):
        letter = render_document(issue().pk, at=ISSUED)
        assert signatures.of_document(letter) == Signature(
            Worth.HOLDS, NAME, ISSUED + timedelta(seconds=7), stamped=True
        )
        # One whose certificate is not known proves no time: the letter says its own.
        settings.TSA_CERTIFICATES = ""
        assert signatures.of_document(letter) == HOLDS

    def test_a_letter_does_not_wait_for_an_authority_that_is_away(self, issue, certificate, settings, caplog):
        # Nobody listens there.
        settings.TSA_URL = "http://127.0.0.1:9/"
        assert signatures.of_document(render_document(issue().pk, at=ISSUED)) == HOLDS
        assert "signed without a time stamp" in caplog.text
