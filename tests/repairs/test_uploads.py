"""What applicant and officer see of an uploaded file, and what it stops."""

import hashlib
import io
import json
import re
import zipfile

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from applications.files.models import VirusScan
from applications.files.scanning import scan_uploads
from applications.ledger.models import Event
from applications.notifications.models import Message
from applications.repairs import services, steps
from applications.repairs.evidence import papers_of
from applications.repairs.models import MaterialKind
from applications.repairs.uploads import remarks_of
from applications.subjects.models import Subject
from tests.english.pages import ENGLISH, chinese_in
from tests.files import scanners, sheets
from tests.fixtures import TODAY
from tests.pages import text
from tests.repairs.steps import prepared

PHOTO = sheets.jpeg(sheets.printed((600, 800)).rotate(90, expand=True))


@pytest.fixture
def draft(general_record, market_bureau, alice):
    return prepared(general_record, market_bureau, alice)


def add(case, user, content: bytes, name: str, kind=MaterialKind.OTHER):
    upload = SimpleUploadedFile(name, content)
    return services.add_material(case=case, kind=kind, upload=upload, actor=user, at=TODAY)


def found(case, user, kind=MaterialKind.LICENCE):
    """The only paper of a kind, in which the scanner found something."""
    case.materials.filter(kind=kind).delete()
    material = add(case, user, scanners.paper(infected=True), "执照.pdf", kind)
    VirusScan.objects.create(file=material.file, status=VirusScan.INFECTED, threat=scanners.NAME)
    return material


def page(client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return answer.content.decode()


def test_remarks_stand_beside_the_file_at_once_and_stop_nothing(client, draft, alice):
    client.force_login(alice)
    address = f"/a/{draft.number}/files/licence/"
    answer = client.post(address, {"uploads": SimpleUploadedFile("照片.jpg", PHOTO)}, follow=True)
    shown = answer.content.decode()
    material = draft.materials.get(file__name="照片.jpg")
    picture = f"/a/{draft.number}/file/{material.pk}/1.jpg"
    for where in (
        shown,
        page(client, f"/a/{draft.number}/tasks/"),
        page(client, f"/a/{draft.number}/check/"),
    ):
        assert "第1页的文字好像是横着的。" in where
        assert "第1页是800×600像素，按A4纸算约68 DPI" in where
        assert "没有看到红色印章。这份材料要加盖公章" in where
        assert f'<img src="{picture}" alt="照片.jpg第1页的小图"' in where
    small = client.get(picture)
    assert small["Content-Type"] == "image/jpeg" and small.content.startswith(b"\xff\xd8")
    steps.submit_case(case=draft, actor=alice, at=TODAY)


def test_officers_read_the_remarks_and_open_the_page_itself(client, draft, alice, wang):
    material = add(draft, alice, PHOTO, "照片.jpg")
    steps.submit_case(case=draft, actor=alice, at=TODAY)
    client.force_login(wang)
    shown = page(client, f"/admin/repairs/repaircase/{draft.pk}/change/")
    assert (
        "系统提示：第1页的文字好像是横着的。第1页是800×600像素" in shown and "请转正后重新上传" not in shown
    )
    assert f'href="/a/{draft.number}/file/{material.pk}/?page=1"' in shown
    # A small picture would be looked at without being noted.
    assert client.get(f"/a/{draft.number}/file/{material.pk}/1.jpg").status_code == 404
    draft.refresh_from_db()
    (paper,) = [each for each in papers_of(draft) if each.key == str(material.file_id)]
    assert [(remark.page, len(remark.sentences)) for remark in paper.remarks] == [(1, 2)]


def test_a_person_is_asked_for_no_seal(draft):
    material = draft.materials.get(kind=MaterialKind.LICENCE)
    material.file.upload_sha256 = "00"
    material.file.findings = {
        "seen": 1,
        "blank": [],
        "sideways": [],
        "coarse": [],
        "red": [],
        "pictures": [1],
    }
    assert len(remarks_of(material, draft)) == 1
    draft.record.subject.kind = Subject.Kind.NATURAL_PERSON
    assert remarks_of(material, draft) == []


def test_the_scanners_word_stands_beside_the_file(client, draft, alice, settings):
    settings.CLAMD_ADDRESS = "127.0.0.1:9"
    settings.ALLOW_OUTBOUND_IN_TRANSACTION = True
    client.force_login(alice)
    add(draft, alice, scanners.paper(), "回单.pdf")
    address = f"/a/{draft.number}/files/other/"
    assert "病毒检查：检查中" in page(client, address) and "data-waiting" in page(client, address)
    scan_uploads(at=TODAY)
    assert "无法检查" in page(client, address) and "不影响提交和办理" in page(client, address)
    with scanners.clamd() as clamd:
        settings.CLAMD_ADDRESS = clamd.address
        VirusScan.objects.update(next_try_at=TODAY)
        scan_uploads(at=TODAY)
    shown = page(client, address)
    assert "通过</span>" in shown and "data-waiting" not in shown


@pytest.mark.parametrize(
    ("scan", "said"),
    [
        (None, "Not scanned The file was uploaded before the system had a virus scanner."),
        ({"status": VirusScan.WAITING}, "Being scanned This usually takes a few seconds"),
        (
            {"status": VirusScan.WAITING, "last_error": "x"},
            "Cannot be scanned The virus scanner has no result yet",
        ),
        ({"status": VirusScan.GIVEN_UP}, "Cannot be scanned The system does not try again."),
        ({"status": VirusScan.CLEAN}, "Passed"),
        ({"status": VirusScan.INFECTED, "threat": "Eicar"}, "Virus found (Eicar) The file is in quarantine"),
    ],
)
def test_the_scanners_word_in_english(client, draft, alice, settings, time_machine, scan, said):
    time_machine.move_to(TODAY, tick=False)
    material = add(draft, alice, scanners.paper(), "receipt.pdf")
    settings.CLAMD_ADDRESS = "127.0.0.1:9"
    if scan is not None:
        VirusScan.objects.create(file=material.file, **scan)
    client.force_login(alice)
    answer = client.get(f"/a/{draft.number}/files/other/", headers=ENGLISH)
    words = " ".join(re.sub(r"<[^>]+>", "", text(answer)).split())
    assert f"Virus scan: {said}" in words and chinese_in(text(answer)) == []


def test_what_is_not_kept_is_said_in_english(client, draft, alice, monkeypatch):
    monkeypatch.setattr("applications.files.services.DAILY_BYTES", 1)
    client.force_login(alice)
    upload = SimpleUploadedFile("receipt.pdf", scanners.paper())
    answer = client.post(f"/a/{draft.number}/files/other/", {"uploads": upload}, headers=ENGLISH, follow=True)
    assert "“receipt.pdf” was not saved: what you uploaded within 24 hours is close to 500 MB." in text(
        answer
    )
    assert not draft.materials.filter(kind=MaterialKind.OTHER).exists()


def test_what_the_scanner_has_not_seen_can_be_submitted_and_officers_get_its_pages_alone(
    client, draft, alice, wang, settings
):
    settings.CLAMD_ADDRESS = "127.0.0.1:9"
    material = add(draft, alice, scanners.paper(), "回单.pdf")
    steps.submit_case(case=draft, actor=alice, at=TODAY)
    address = f"/a/{draft.number}/file/{material.pk}/"
    client.force_login(wang)
    assert "只能在这里按页查看" in page(client, address)
    assert "原文件暂不能打开，可以按页查看。" in page(client, f"/admin/repairs/repaircase/{draft.pk}/change/")
    assert Event.objects.filter(verb="repair.material_read", payload__file=str(material.file_id)).exists()
    client.force_login(alice)
    assert client.get(address)["Content-Type"] == "application/pdf"


def test_what_is_infected_cannot_be_submitted_and_the_page_says_what_to_do(client, draft, alice):
    material = found(draft, alice)
    client.force_login(alice)
    shown = page(client, f"/a/{draft.number}/check/")
    assert (
        "“执照.pdf”（证照材料复印件（加盖公章））发现病毒，不能提交。请删除它，换一份没有病毒的重新上传。"
        in shown
    )
    assert "请上传证照材料复印件（加盖公章）" in shown and ">提交申请</button>" not in shown
    assert "发现病毒" in page(client, f"/a/{draft.number}/tasks/")
    assert client.get(f"/a/{draft.number}/file/{material.pk}/").status_code == 403
    with pytest.raises(services.NotReady, match="发现病毒"):
        steps.submit_case(case=draft, actor=alice, at=TODAY)
    services.remove_material(case=draft, material=material, actor=alice, at=TODAY)
    add(draft, alice, scanners.paper(), "新执照.pdf", MaterialKind.LICENCE)
    steps.submit_case(case=draft, actor=alice, at=TODAY)


def test_what_is_found_later_is_told_and_is_no_evidence(client, draft, alice, wang, settings):
    settings.CLAMD_ADDRESS = "127.0.0.1:9"
    settings.ALLOW_OUTBOUND_IN_TRANSACTION = True
    material = add(draft, alice, scanners.paper(infected=True), "回单.pdf", MaterialKind.FULFILMENT)
    steps.submit_case(case=draft, actor=alice, at=TODAY)
    draft.refresh_from_db()
    assert str(material.file_id) in {each.key for each in papers_of(draft)}
    with scanners.clamd() as clamd:
        settings.CLAMD_ADDRESS = clamd.address
        scan_uploads(at=TODAY)
    message = Message.objects.filter(recipient=alice, subject__contains="发现病毒").first()
    assert message is not None and "“回单.pdf”" in message.body and draft.number in message.body
    assert Event.objects.filter(chain=draft.number, verb="material.virus_found").count() == 1
    assert str(material.file_id) not in {each.key for each in papers_of(draft)}
    client.force_login(wang)
    shown = page(client, f"/admin/repairs/repaircase/{draft.pk}/change/")
    assert "病毒检查：发现病毒" in shown and "请告知申请人补正" in shown
    assert client.get(f"/a/{draft.number}/file/{material.pk}/").status_code == 403


def test_own_files_come_back_with_both_digests(client, draft, alice):
    photo = add(draft, alice, PHOTO, "现场照片.jpg")
    scan = add(draft, alice, scanners.paper(), "回单.pdf")
    infected = found(draft, alice)
    client.force_login(alice)
    assert f"/a/{draft.number}/files.zip" not in page(client, f"/a/{draft.number}/tasks/")
    answer = client.get(f"/a/{draft.number}/files.zip")
    package = zipfile.ZipFile(io.BytesIO(b"".join(answer.streaming_content)))
    listed = {each["name"]: each for each in json.loads(package.read("清单.json"))}
    assert listed["现场照片.jpg"]["upload_sha256"] == hashlib.sha256(PHOTO).hexdigest()
    assert listed["现场照片.jpg"]["sha256"] == photo.file.sha256 != listed["现场照片.jpg"]["upload_sha256"]
    assert listed["回单.pdf"]["sha256"] == listed["回单.pdf"]["upload_sha256"] == scan.file.sha256
    for name in ("现场照片.jpg", "回单.pdf"):
        kept = package.read(listed[name]["entry"])
        assert hashlib.sha256(kept).hexdigest() == listed[name]["sha256"]
    told = package.read("清单.txt").decode()
    assert f"上传时 SHA-256：{hashlib.sha256(PHOTO).hexdigest()}" in told
    assert f"{scan.file.sha256}（{len(scanners.paper())}字节，保存的与上传的完全相同）" in told
    assert listed["执照.pdf"]["entry"] not in package.namelist() and "发现病毒，已经隔离，没有放入" in told
    sums = dict(line.split("  ")[::-1] for line in package.read("SHA256SUMS").decode().splitlines())
    assert set(sums) == set(package.namelist()) - {"SHA256SUMS"}
    assert all(hashlib.sha256(package.read(name)).hexdigest() == sums[name] for name in sums)
    assert infected.file.sha256 not in sums.values()


def test_own_files_are_linked_from_receipt_and_status(client, draft, alice, bob, charlie):
    steps.submit_case(case=draft, actor=alice, at=TODAY)
    for person in (alice, bob):
        client.force_login(person)
        for where in ("", "submitted/"):
            assert f'href="/a/{draft.number}/files.zip"' in page(client, f"/a/{draft.number}/{where}")
    client.force_login(charlie)
    assert client.get(f"/a/{draft.number}/files.zip").status_code == 404


def test_the_same_file_sent_again_is_kept_once(draft, alice):
    """Its sender did not hear that it had arrived. Another name, another kind or other bytes are another file."""
    first = add(draft, alice, PHOTO, "照片.jpg")
    assert add(draft, alice, PHOTO, "照片.jpg") == first
    for content, name, kind in (
        (PHOTO, "另一张.jpg", MaterialKind.OTHER),
        (PHOTO, "照片.jpg", MaterialKind.LICENCE),
        (sheets.jpeg(sheets.printed((610, 800))), "照片.jpg", MaterialKind.OTHER),
    ):
        assert add(draft, alice, content, name, kind) != first
    assert Event.objects.filter(verb="repair.material_added", payload__file=str(first.file_id)).count() == 1
