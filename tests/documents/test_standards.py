"""Every kind of document is PDF/A-3a and PDF/UA-1, signed with all that a signature can have, by the word of veraPDF."""

import json
import subprocess
import sys
from pathlib import Path

import pikepdf
import pytest

from applications.documents import signing
from applications.documents.models import Kind
from applications.documents.rendering import render_pdf
from tests.documents.conftest import ISSUED
from tests.documents.contents import OWN

pytestmark = [pytest.mark.django_db, pytest.mark.validator]
GOOD = {"PDF/A-3a": [], "PDF/UA-1": []}


def verdicts(folder: Path) -> dict[str, dict[str, list[str]]]:
    """Of veraPDF on each file of a folder, by its name."""
    files = sorted(map(str, folder.iterdir()))
    program = Path(__file__).with_name("verapdf.py")
    done = subprocess.run([sys.executable, program, *files], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    return {Path(file).name: told for file, told in json.loads(done.stdout).items()}


def signed(document) -> bytes:
    rendered = render_pdf(document)
    return signing.sign(rendered.pdf, document.organ, over=rendered.seal, at=ISSUED).pdf


@pytest.fixture
def folder(tmp_path) -> Path:
    (tmp_path / "files").mkdir()
    return tmp_path / "files"


def test_every_document_is_to_be_kept_and_to_be_read_aloud(issue, lasting_certificate, folder):
    for kind in sorted(OWN):
        (folder / kind).write_bytes(signed(issue(kind)))
    assert set(OWN) | {Kind.CREDIT_REPORT} == set(Kind)
    told = verdicts(folder)
    assert told == dict.fromkeys(sorted(OWN), GOOD)


def test_the_validator_finds_what_is_wrong(issue, folder):
    """So that silence above means something: a letter without one of its parts, and one whose pictures say nothing."""
    rendered = render_pdf(issue()).pdf
    (folder / "whole").write_bytes(rendered)
    (folder / "mute").write_bytes(rendered)
    with pikepdf.open(folder / "mute", allow_overwriting_input=True) as pdf:
        for each in pdf.objects:
            if isinstance(each, pikepdf.Dictionary) and each.get("/S") == "/Figure":
                del each["/Alt"]
        del pdf.Root.OutputIntents
        pdf.save()
    told = verdicts(folder)
    assert told["whole"] == GOOD
    assert (
        any(each.startswith("7.3: Figure tags") for each in told["mute"]["PDF/UA-1"])
        and told["mute"]["PDF/A-3a"]
    )
