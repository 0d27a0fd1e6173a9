"""A request larger than what its page takes is refused before a byte of its body is read."""

import pytest
from django.core.files.uploadhandler import TemporaryFileUploadHandler
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from applications.files.bodies import MEGABYTE, WORDS, body_limit
from tests.repairs.steps import prepared

SAID = "提交的内容过大，没有保存"


def views(resolver=None, prefix=""):
    for pattern in (resolver or get_resolver()).url_patterns:
        if isinstance(pattern, URLResolver):
            yield from views(pattern, f"{prefix}{pattern.pattern}")
        elif isinstance(pattern, URLPattern):
            yield f"{prefix}{pattern.pattern}", pattern.callback


def announce(client, path, length, **extra):
    """Posts one byte and says that it is so many: whoever reads more, or waits for it, fails."""
    return client.post(
        path,
        b"x",
        content_type="multipart/form-data; boundary=x",
        **{"CONTENT_LENGTH": str(length), **extra},
    )


def test_the_pages_that_take_files_and_how_much():
    """deploy/nginx/default.conf.template has the same pages. Whatever is not here takes one megabyte of words."""
    taking = {path: body_limit(view) // MEGABYTE for path, view in views() if body_limit(view) > WORDS}
    assert taking == {
        "subjects/claim/": 11,
        "subjects/claims/<int:pk>/correct/": 11,
        "training/outside/": 11,
        "records/missing/": 51,
        "records/<int:record_id>/objection/": 51,
        "admin/records/dishonestyrecord/<int:pk>/act/<slug:kind>/": 11,
        "admin/subjects/codeconfirmation/new/": 11,
        "admin/commitments/commitment/<int:pk>/finding/<slug:kind>/": 11,
        "admin/reports/reportrequest/new/": 11,
        "admin/reports/reportrequest/new/<int:subject_id>/": 11,
        "admin/repairs/revocationproposal/propose/<int:case_id>/": 11,
        "admin/repairs/inquiry/<path:object_id>/change/": 11,
        "admin/subjects/subject/<int:pk>/life/": 11,
        "a/<slug:number>/files/<slug:kind>/": 101,
        "a/<slug:number>/fulfilment/": 101,
        "a/<slug:number>/correction/": 101,
        "objections/<slug:number>/": 101,
        "admin/objections/objection/enter/<int:case_id>/": 101,
        "admin/repairs/reception/new/<int:subject_id>/": 11,
        "admin/repairs/reception/<int:pk>/<int:case_id>/task/<slug:name>/": 101,
        "admin/repairs/reception/<int:pk>/<int:case_id>/letter/<uuid:document_id>/": 11,
        "v/": 21,
        "admin/documents/sealpicture/add/": 11,
        "admin/records/importbatch/import/": 101,
        "admin/policies/implementingrules/new/": 11,
        "admin/policies/implementingrules/new/text/": 11,
        "admin/calendars/calendarnotice/add/": 2,
        "admin/calendars/localclosure/add/": 2,
    }


@pytest.fixture
def never_spooled(monkeypatch):
    def refuse(*args, **kwargs):
        raise AssertionError("a file was spooled")

    monkeypatch.setattr(TemporaryFileUploadHandler, "new_file", refuse)


@pytest.mark.parametrize("path", ["/accounts/login/", "/track/", "/search/", "/accounts/signup/", "/admin/"])
def test_forms_of_words(client, db, path):
    response = announce(client, path, WORDS + 1)
    page = response.content.decode()
    assert response.status_code == 413
    assert SAID in page and "填写的内容最多 1 MB" in page and "后退" in page


@pytest.mark.parametrize(
    ("name", "megabytes"),
    [("repairs:files", 101), ("subjects:claim", 11), ("admin:records_importbatch_import", 101)],
)
def test_pages_with_files_name_their_own_limit(
    client, never_spooled, alice, wang, general_record, market_bureau, name, megabytes
):
    case = prepared(general_record, market_bureau, alice)
    client.force_login(wang if name.startswith("admin:") else alice)
    path = reverse(name, args=[case.number, "licence"] if name == "repairs:files" else [])
    response = announce(client, path, megabytes * MEGABYTE + 1)
    assert response.status_code == 413
    assert f"一次最多接收 {megabytes} MB" in response.content.decode()
    # The case is what it was.
    assert case.materials.count() == 2


def test_what_is_within_the_limit_is_read(client, alice):
    client.force_login(alice)
    with pytest.raises(AssertionError, match="Cannot read more than the available bytes"):
        announce(client, reverse("subjects:claim") + "?kind=organisation", 11 * MEGABYTE)


def test_it_stands_before_the_check_of_tokens_and_of_people(db, never_spooled):
    client = Client(enforce_csrf_checks=True)
    assert announce(client, reverse("admin:records_importbatch_import"), 10**12).status_code == 413


@pytest.mark.parametrize(
    "length", ["9" * 5000, "-1", "１００", "1e9", "abc", f"{WORDS + 1:040}", f"{WORDS + 1:05000}"]
)
def test_a_length_that_is_none(client, db, length):
    assert announce(client, "/accounts/login/", length).status_code == 413


def test_a_body_without_a_length_is_refused(client, db):
    response = announce(client, "/accounts/login/", "", HTTP_TRANSFER_ENCODING="chunked")
    assert response.status_code == 411
    assert "没有说明内容的大小" in response.content.decode()


@pytest.mark.parametrize(
    "data",
    [
        {f"field{number}": "x" for number in range(1001)},
        {"login": "x" * (WORDS - 50), "password": "x" * 100},
    ],
)
def test_too_many_fields_and_too_many_words(client, db, data):
    response = client.post("/accounts/login/", data)
    assert response.status_code == 413
    assert SAID in response.content.decode()


def test_twenty_one_files_at_once(client, alice, general_record, market_bureau):
    from django.core.files.uploadedfile import SimpleUploadedFile

    case = prepared(general_record, market_bureau, alice)
    client.force_login(alice)
    uploads = [SimpleUploadedFile(f"{number}.pdf", b"%PDF-") for number in range(21)]
    response = client.post(reverse("repairs:files", args=[case.number, "licence"]), {"uploads": uploads})
    assert response.status_code == 413
    assert "不能超过20个" in response.content.decode()


def test_the_longest_answer_of_a_form_of_words_fits():
    """Five thousand signs, nine bytes each as they travel: and a form may ask for a dozen of them."""
    assert WORDS > 12 * 5000 * 9


def test_no_page_that_shows_a_choice_of_files_was_forgotten():
    """Each template with such a form belongs to a view of the list above."""
    from django.conf import settings

    found = {
        path.relative_to(settings.BASE_DIR / "templates").as_posix()
        for path in (settings.BASE_DIR / "templates").rglob("*.html")
        if "multipart/form-data" in path.read_text()
    }
    assert found == {
        "admin/calendars/propose.html",
        "admin/form.html",
        "admin/policies/new.html",
        "admin/repairs/inquiry.html",
        "admin/subjects/code_new.html",
        "documents/parts/ask.html",
        "records/admin/import.html",
        "records/object.html",
        "repairs/correction.html",
        "subjects/claim.html",
        "training/outside.html",
    }
