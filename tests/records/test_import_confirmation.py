"""What contradicts itself is loaded only when the importer says that it is meant so: on the page and by the command."""

from __future__ import annotations

import json

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command

from applications.ledger.models import Event
from applications.records.models import DishonestyRecord, ImportBatch
from tests.records.files import as_csv, row
from tests.records.previews import FINE

DOUBTFUL = row(行政处罚决定书文号="〔2026〕2号", 处罚内容="罚款3万元，没收违法所得120元")


def upload(client, organ, *rows):
    file = SimpleUploadedFile("a.csv", as_csv(*rows))
    return client.post("/admin/records/importbatch/import/", {"organ": organ.pk, "file": file})


def confirm(client, page, **more):
    return client.post(
        "/admin/records/importbatch/import/confirm/", {"token": page.context["token"], **more}, follow=True
    )


def test_the_page_names_the_rows_and_asks(client, market_bureau, wang):
    client.force_login(wang)
    page = upload(client, market_bureau, row(), DOUBTFUL)
    assert "需要核对的记录" in page.text and "<td>3</td>" in page.text
    assert "处罚内容写的是罚款30000元" in page.text
    assert 'name="confirmed"' in page.text


def test_without_the_word_nothing_is_imported(client, market_bureau, wang):
    client.force_login(wang)
    answer = confirm(client, upload(client, market_bureau, row(), DOUBTFUL))
    assert "有 1 行需要您核对后确认（第 3 行）" in answer.text
    assert ImportBatch.objects.count() == DishonestyRecord.objects.count() == 0


def test_with_the_word_it_is_and_the_ledger_says_so(client, market_bureau, wang):
    client.force_login(wang)
    confirm(client, upload(client, market_bureau, row(), DOUBTFUL), confirmed="on")
    assert DishonestyRecord.objects.count() == 2
    told = [
        event.payload.get("confirmed")
        for event in Event.objects.filter(verb="record.imported").order_by("pk")
    ]
    assert told == [None, ["fine_amount"]]


def test_a_good_file_asks_for_nothing(client, market_bureau, wang):
    client.force_login(wang)
    page = upload(client, market_bureau, row(), {"行政相对人名称": "合计"})
    assert 'name="confirmed"' not in page.text
    assert "第 3 行：合计" in page.text
    confirm(client, page)
    assert DishonestyRecord.objects.count() == 1


@pytest.fixture
def run(capsys, tmp_path):
    def run(*options):
        path = tmp_path / "a.csv"
        path.write_bytes(as_csv(row(), DOUBTFUL, {"行政相对人名称": "合计"}))
        code = 0
        try:
            call_command("import_records", str(path), "--organ", "nj-scjg", *options)
        except SystemExit as end:
            code = end.code
        output = capsys.readouterr()
        return code, output.out, output.err

    return run


def test_the_dry_run_lists_them(run, market_bureau):
    code, out, _error = run("--dry-run")
    assert code == 0
    assert "有 1 行需要核对" in out and "--confirm-warnings" in out
    assert f"第 3 行 1. {FINE}：处罚内容写的是罚款30000元" in out
    assert "不是记录而没有读的行（标题、合计、说明）：第 4 行。" in out
    said = json.loads(out.splitlines()[-1])
    assert (said["created"], said["doubtful"], said["passed_over"]) == (2, 1, 1)


def test_the_command_asks_too(run, market_bureau):
    code, out, error = run()
    assert (code, out) == (2, "")
    assert "第 3 行" in error and len(error.strip().splitlines()) == 1
    assert ImportBatch.objects.count() == 0
    code, out, _error = run("--confirm-warnings")
    assert code == 0
    assert json.loads(out.splitlines()[-1])["created"] == 2


def test_what_was_confirmed_before_is_not_asked_again(run, market_bureau, client, wang):
    run("--confirm-warnings")
    client.force_login(wang)
    page = upload(client, market_bureau, DOUBTFUL, row(行政处罚决定书文号="〔2026〕7号"))
    assert 'name="confirmed"' not in page.text
