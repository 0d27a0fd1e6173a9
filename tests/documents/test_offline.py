"""What proves a document where the portal cannot be asked: the published keys, the signed lists, the QR code, and verify/."""

import json
import random
import subprocess
import sys
from datetime import date, timedelta
from io import BytesIO

import pikepdf
import pytest
from django.urls import reverse
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter

from applications.documents import offline, signatures, signing
from applications.documents.attached import NAME as NAME_OF_DATA
from applications.documents.models import Document, PublishedKey
from applications.documents.rendering import verification_url
from applications.documents.services import issue_document, render_document, void_document
from applications.documents.signatures import Worth
from applications.documents.tasks import render_documents
from applications.sample.certificates import PASSPHRASE, Authority
from tests.documents.conftest import ISSUED
from tests.documents.contents import content_of
from tests.documents.offline_tools import DAY, VERIFY, keys, status, verifier
from tests.documents.test_verification import ask, seen
from tests.documents.test_verification_asking import bytes_of
from tests.on_paper import qr_on

pytestmark = pytest.mark.django_db
LATER = date(2026, 12, 3)
NAME = "南京市市场监督管理局"


@pytest.fixture
def letter(issue, certificate) -> Document:
    return render_document(issue().pk, at=ISSUED)


def qr_of(document: Document) -> str:
    return offline.qr_text(document, verification_url(document))


def forged_key(text: str) -> str:
    """The same facts, signed by somebody else."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    said = text.rpartition(".")[0]
    return f"{said}.{offline._base64(Ed25519PrivateKey.generate().sign(said.encode()))}"


class TestLists:
    def test_a_list_says_number_digest_and_state_and_is_signed(self, client, letter):
        listed = status(client)
        assert listed["documents"] == [
            {"number": letter.number, "sha256": letter.pdf.sha256, "state": "valid"}
        ]
        assert verifier().list_holds(listed, keys(client))
        listed["documents"][0]["state"] = "void"
        assert not verifier().list_holds(listed, keys(client))

    def test_a_void_document_is_so_in_the_next_list(self, client, letter, zhao):
        void_document(document=letter, reason="写错", actor=zhao, at=ISSUED)
        assert status(client)["documents"][0]["state"] == "void"

    def test_a_document_without_its_pdf_is_listed_by_its_number(self, client, issue):
        number = issue().number
        assert status(client)["documents"] == [{"number": number, "sha256": None, "state": "valid"}]

    def test_days_are_those_of_shanghai_and_lists_come_in_parts(
        self, client, issue, monkeypatch, django_assert_max_num_queries
    ):
        monkeypatch.setattr(offline, "PER_LIST", 2)
        first = [issue(at=ISSUED.replace(hour=0, minute=minute)).number for minute in range(3)]
        issue(at=ISSUED.replace(hour=0, minute=0) - timedelta(seconds=1))
        listed = [[entry["number"] for entry in status(client, part=part)["documents"]] for part in (1, 2)]
        assert listed == [first[:2], first[2:]] and status(client)["parts"] == 2
        with django_assert_max_num_queries(4):
            status(client)
        for day, part in (("2026-12-02", 3), ("2026-12-02", 0), ("2026-02-30", 1)):
            assert client.get(f"/v/status/{day}-{part}.json").status_code == 404
        page = client.get(reverse("documents:status_lists")).json()
        assert (page["first"], page["last"]) == ("2026-12-01", "2026-12-02")

    def test_others_may_keep_it_for_a_moment_and_read_it_from_their_pages(self, client, letter):
        response = client.get(reverse("documents:status_list", args=[DAY, 1]))
        assert response["Cache-Control"] == "public, max-age=10"
        assert response["Access-Control-Allow-Origin"] == "*"
        assert client.post(reverse("documents:keys")).status_code == 405

    def test_nothing_in_it_says_whose_a_document_is(self, client, letter):
        said = json.dumps(status(client), ensure_ascii=False)
        assert letter.addressee not in said and letter.verification_code not in said


class TestKeys:
    def test_an_old_key_stays_published_and_checks_what_it_signed(
        self, client, letter, settings, time_machine
    ):
        text, before = qr_of(letter), status(client)
        settings.DOCUMENT_KEY = "another seed, when the first was to be replaced"
        time_machine.move_to(ISSUED + timedelta(days=1))
        # As the sweep does every minute.
        render_documents()
        published = keys(client)
        old, new = published["keys"]
        assert old["until"] == new["from"] and new["until"] is None
        assert new["public_key"] == offline.public_key() != old["public_key"]
        check = verifier()
        assert check.check_qr(text, published, [status(client)], LATER)["valid"]
        assert check.list_holds(before, published) and check.list_holds(status(client), published)
        # What it signs for a day after that is not believed.
        PublishedKey.objects.filter(used_until__isnull=False).update(used_until=ISSUED - timedelta(days=1))
        assert not check.check_qr(text, keys(client), [], LATER)["unchanged"]

    def test_the_seed_of_the_ledger_serves_where_there_is_no_other(self, settings):
        assert settings.DOCUMENT_KEY == settings.LEDGER_KEY
        from applications.ledger.sealing import public_key

        assert public_key() != offline.public_key()


class TestQrCodes:
    def test_it_is_read_at_20_mm_and_300_dpi_and_opens_the_page(self, issue, market_bureau):
        market_bureau.name = "南京市江北新区管理委员会综合行政执法局"
        market_bureau.save()
        subject = {**content_of("repair_certificate")["subject"], "name": "江苏省" + "长" * 60 + "有限公司"}
        document = render_document(issue("repair_certificate", subject=subject).pk, at=ISSUED)
        # 23 mm on paper, here drawn as large as 20 mm at 300 dpi would be.
        found = qr_on(bytes_of(document), 20 / 23)
        assert found == qr_of(document)
        assert found.startswith(f"https://credit.example.gov.cn/v/{document.verification_code}/#")

    def test_a_telephone_checks_it_without_a_network(self, client, letter):
        said = verifier().check_qr(qr_of(letter), keys(client), [status(client)], LATER)
        assert said == {
            "unchanged": True,
            "signed_by": None,
            "valid": True,
            "state": "valid",
            "number": letter.number,
            "reason": "",
            "facts": {
                "organ": NAME,
                "day": "2026-12-02",
                "addressee": letter.addressee,
                "content": offline.content_sha256(letter)[:16],
            },
        }

    def test_forged_codes(self, client, letter):
        text, published = qr_of(letter), keys(client)
        facts = offline._base64(
            offline._canonical(["宁市监信修准〔2026〕1号", NAME, "2026-12-02", "某", "0" * 16])
        )
        address, one, key, _facts, signature = *text.split("#1.")[:1], "1", *text.split("#1.")[1].split(".")
        for forged in (
            forged_key(text),
            f"{address}#{one}.{key}.{facts}.{signature}",
            text.replace("credit.example.gov.cn", "credit-example-gov.cn"),
            text.replace(letter.verification_code, "23456789ABCDEFGH"),
        ):
            assert not verifier().check_qr(forged, published, [status(client)], LATER)["unchanged"]
        with pytest.raises(verifier().Unreadable):
            verifier().check_qr(verification_url(letter), published, [], LATER)


def flipped(pdf: bytes) -> bytes:
    changed = bytearray(pdf)
    changed[len(changed) // 3] ^= 1
    return bytes(changed)


def resaved(pdf: bytes) -> bytes:
    output = BytesIO()
    with pikepdf.open(BytesIO(pdf)) as opened:
        opened.save(output)
    return output.getvalue()


def with_other_data(pdf: bytes) -> bytes:
    """The data in it say that something else was decided; the pages stay as they are."""
    output = BytesIO()
    with pikepdf.open(BytesIO(pdf)) as opened:
        told = opened.attachments[NAME_OF_DATA].get_file().read_bytes()
        opened.attachments[NAME_OF_DATA] = pikepdf.AttachedFileSpec(
            opened, told + b" ", mime_type="application/json"
        )
        opened.save(output)
    return output.getvalue()


def with_data_added(pdf: bytes) -> bytes:
    """The same behind the signature, which stays as it is."""
    writer, output = IncrementalPdfFileWriter(BytesIO(pdf)), BytesIO()
    stream = writer.root["/AF"][0]["/EF"].raw_get("/F").reference
    data = writer.get_object(stream)
    data._data, data._encoded_data = data.data + b" ", None
    writer.mark_update(stream)
    writer.write(output)
    return output.getvalue()


def added_to(pdf: bytes) -> bytes:
    writer, output = IncrementalPdfFileWriter(BytesIO(pdf)), BytesIO()
    writer.root["/Lang"] = writer.root["/Lang"]
    writer.update_root()
    writer.write(output)
    return output.getvalue()


def signed_again(pdf: bytes, organ, certificate_of: bytes) -> bytes:
    """What somebody makes who has a certificate of their own in the organ's name."""
    row = signing.install(organ=organ, content=certificate_of, passphrase=PASSPHRASE, at=ISSUED)
    forged = signing.sign(pdf, organ, over=None, at=ISSUED).pdf
    row.delete()
    return forged


def test_pyhanko_the_stand_alone_verifier_and_the_page_agree(
    client, issue, market_bureau, zhao, authority, monkeypatch
):
    """One row a sample or forgery: what each of the three says of it."""
    from applications.documents.rendering import render_pdf

    stranger = Authority(ISSUED, "别的机构")
    unsigned = render_document(issue().pk, at=ISSUED)
    forged = signed_again(render_pdf(unsigned).pdf, market_bureau, stranger.issue(NAME))
    signing.install(organ=market_bureau, content=authority.issue(NAME), passphrase=PASSPHRASE, at=ISSUED)
    good, void, old = (render_document(issue().pk, at=ISSUED) for _ in range(3))
    void_document(document=void, reason="写错", actor=zhao, at=ISSUED)
    issue_document(
        kind=old.kind, organ=old.organ, about=old.about, addressee=old.addressee, content=old.content,
        at=ISSUED, replaces=old,
    )  # fmt: skip
    certificate = authority.issue(NAME, begins=ISSUED - timedelta(days=9), ends=ISSUED + timedelta(hours=1))
    expired = signing.install(organ=market_bureau, content=certificate, passphrase=PASSPHRASE, at=ISSUED)
    monkeypatch.setattr(signing, "in_use", lambda organ, at: expired)
    late = render_document(issue().pk, at=ISSUED + timedelta(hours=2))
    H, C, S, N, U = Worth.HOLDS, Worth.CHANGED, Worth.STRANGER, Worth.NOT_IN_FORCE, Worth.UNSIGNED
    samples = {
        "genuine, signed": (bytes_of(good), H, True, "valid"),
        "genuine, unsigned": (bytes_of(unsigned), U, True, "valid"),
        "voided": (bytes_of(void), H, False, "void"),
        "superseded": (bytes_of(old), H, False, "superseded"),
        "a byte flipped": (flipped(bytes_of(good)), C, False, "unknown"),
        "cut": (bytes_of(good)[:-40], U, False, "unknown"),
        "added to": (added_to(bytes_of(good)), C, False, "unknown"),
        "other data in it": (with_other_data(bytes_of(good)), C, False, "unknown"),
        "other data, added": (with_data_added(bytes_of(good)), C, False, "unknown"),
        "unsigned, other data in it": (with_other_data(bytes_of(unsigned)), U, False, "unknown"),
        "saved again": (resaved(bytes_of(good)), C, False, "unknown"),
        "signed with another key": (forged, S, False, "unknown"),
        "unsigned, a byte flipped": (flipped(bytes_of(unsigned)), U, False, "unknown"),
        "certificate expired at signing": (bytes_of(late), N, False, "valid"),
    }
    published, listed = keys(client), status(client)
    wrong = []
    for name, (content, worth, valid, state) in samples.items():
        mine = signatures.of_pdf(content).worth
        said = verifier().check_pdf(content, published, [listed], LATER)
        text = seen(ask(client, "", content))
        page = "这份文书真实有效。" in text
        print(
            f"{name:32} {mine:14} {said['signed_by'] or '-':12} {said['state']:11} {said['valid']!s:6} {page}"
        )
        alike = (said["signed_by"] == NAME) == (worth is H)
        if (mine, said["state"], said["valid"], page) != (worth, state, valid, valid) or not alike:
            wrong.append((name, mine, said, text[:400]))
    assert not wrong


def test_all_three_read_one_that_lasts(client, issue, lasting_certificate):
    letter = bytes_of(render_document(issue().pk, at=ISSUED))
    assert b"/DSS" in letter
    for content, worth in (
        (letter, Worth.HOLDS),
        (flipped(letter), Worth.CHANGED),
        (added_to(letter), Worth.CHANGED),
        (resaved(letter), Worth.CHANGED),
    ):
        holds = worth is Worth.HOLDS
        said = verifier().check_pdf(content, keys(client), [status(client)], LATER)
        assert signatures.of_pdf(content).worth is worth
        assert said["valid"] is holds and (said["signed_by"] == NAME) is holds
        assert ("这份文书真实有效。" in seen(ask(client, "", content))) is holds


def test_a_thousand_flipped_bytes_are_all_found(client, letter):
    content, published, listed = bytes_of(letter), keys(client), [status(client)]
    _begin, before, after, _rest = map(int, verifier().RANGE.findall(content)[0])
    chance = random.Random(7)
    for at in chance.sample(range(5, len(content)), 1000):
        flipped = bytearray(content)
        flipped[at] ^= 1 << chance.randrange(8)
        assert not verifier().check_pdf(bytes(flipped), published, listed, LATER)["valid"], at
        # By the signature alone too; in it stand also the certificates that came with it, which it does not cover.
        if not before <= at < after:
            assert verifier().signature_in(bytes(flipped), published)[0] is None, at


def test_the_file_alone_runs_on_its_own(client, letter, tmp_path):
    """As contracts with other programs have it: JSON and the exit code."""
    for name, content in (("keys.json", keys(client)), ("list.json", status(client))):
        (tmp_path / name).write_text(json.dumps(content))
    (tmp_path / "good.pdf").write_bytes(bytes_of(letter))
    (tmp_path / "bad.pdf").write_bytes(bytes_of(letter)[:-1] + b" ")
    (tmp_path / "text.pdf").write_bytes(b"hello")

    def run(*arguments):
        command = [sys.executable, "-I", VERIFY / "verify.py", *arguments]
        return subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)

    with_all = ("--keys", "keys.json", "--status", "list.json")
    good = run("good.pdf", *with_all)
    assert good.returncode == 0 and json.loads(good.stdout) == {
        "unchanged": True,
        "signed_by": NAME,
        "valid": True,
        "state": "valid",
        "number": letter.number,
        "reason": "",
    }
    bad, without = run("bad.pdf", *with_all), run("good.pdf")
    assert bad.returncode == 1 and json.loads(bad.stdout)["unchanged"] is False
    assert without.returncode == 1 and "--keys" in json.loads(without.stdout)["reason"]
    unreadable = run("text.pdf", *with_all)
    assert unreadable.returncode == 2 and unreadable.stderr.count("\n") == 1


@pytest.mark.browser
def test_the_page_for_a_browser_without_a_network_agrees(client, issue, browser, tmp_path):
    """A file, a changed one and a QR code, as verify.py judges them."""
    letter = render_document(issue().pk, at=ISSUED)
    files = {
        "keys.json": json.dumps(keys(client)).encode(),
        "list.json": json.dumps(status(client)).encode(),
        "false.json": json.dumps(status(client)).replace("valid", "vo1d").encode(),
        "good.pdf": bytes_of(letter),
        "bad.pdf": flipped(bytes_of(letter)),
    }
    for name, content in files.items():
        (tmp_path / name).write_bytes(content)
    with browser.new_context(offline=True) as context:
        page = context.new_page()
        page.goto((VERIFY / "index.html").as_uri())

        def judged(lists: str, *, pdf: str = "", qr: str = "") -> dict:
            page.evaluate("document.getElementById('result').removeAttribute('data-answer')")
            page.set_input_files("#keys", tmp_path / "keys.json")
            page.set_input_files("#lists", tmp_path / lists)
            page.set_input_files("#pdf", [tmp_path / pdf] if pdf else [])
            page.fill("#qr", qr)
            page.get_by_role("button", name="Verify").click()
            return json.loads(page.locator("#result[data-answer]").get_attribute("data-answer"))

        assert judged("list.json", pdf="good.pdf")["valid"] is True
        assert page.locator("#result h2").inner_text() == "✔ 文件真实；文书状态：有效"
        assert judged("list.json", pdf="bad.pdf")["unchanged"] is False
        assert judged("false.json", pdf="good.pdf")["valid"] is False
        said = judged("list.json", qr=qr_of(letter))
        assert said["valid"] is True and said["facts"]["addressee"] == letter.addressee
        assert judged("list.json", qr=forged_key(qr_of(letter)))["unchanged"] is False
