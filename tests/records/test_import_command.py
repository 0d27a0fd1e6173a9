"""python manage.py import_records, as a person at a terminal sees it."""

from __future__ import annotations

import json
from types import SimpleNamespace

import openpyxl
import pytest
from django.core.management import call_command

from applications.records.management.commands import import_records
from applications.records.models import DishonestyRecord, ImportBatch
from tests.records.files import as_csv, row


@pytest.fixture
def run(capsys):
    """Runs the command; returns exit code, lines of output, standard error."""

    def run(*arguments):
        code = 0
        try:
            call_command("import_records", *arguments)
        except SystemExit as end:
            code = end.code
        output = capsys.readouterr()
        return code, output.out.splitlines(), output.err

    return run


@pytest.fixture
def record_file(tmp_path):
    def write(*rows, name="市监.csv"):
        path = tmp_path / name
        path.write_bytes(as_csv(*rows))
        return str(path)

    return write


def test_counts_in_words_and_as_json(run, record_file, market_bureau):
    code, lines, error = run(record_file(row(), row(处罚类别="打手心")), "--organ", "nj-scjg")
    assert (code, error) == (0, "")
    assert lines[0] == "新增 1 条，更新 0 条，无变化 0 条，退回 1 条。"
    assert json.loads(lines[-1]) == {
        "organ": "nj-scjg",
        "dry_run": False,
        "repeated": False,
        "created": 1,
        "updated": 0,
        "unchanged": 0,
        "rejected": 1,
        "doubtful": 0,
        "passed_over": 0,
    }


def test_the_second_run_changes_nothing(run, record_file, market_bureau):
    path = record_file(row())
    run(path, "--organ", "nj-scjg")
    code, lines, _ = run(path, "--organ", "nj-scjg")
    assert code == 0
    assert lines[0].startswith("该文件以前导入过，没有变化")
    assert ImportBatch.objects.count() == 1


def test_a_dry_run_writes_the_errors_and_nothing_else(run, record_file, market_bureau, tmp_path):
    errors = tmp_path / "错误.xlsx"
    code, lines, _ = run(
        record_file(row(), row(处罚类别="打手心")), "--organ", "nj-scjg", "--dry-run", "--errors", str(errors)
    )
    assert code == 0
    assert lines[0].startswith("试运行，没有写入：新增 1 条")
    assert openpyxl.load_workbook(errors).active.max_row == 2
    assert DishonestyRecord.objects.count() == 0


def test_rejected_rows_go_to_the_named_file(run, record_file, market_bureau, tmp_path):
    folder = tmp_path / "out"
    folder.mkdir()
    errors = folder / "错误.xlsx"
    run(record_file(row(处罚类别="打手心")), "--organ", "nj-scjg", "--errors", str(errors))
    assert openpyxl.load_workbook(errors).active.cell(2, 17).value == "打手心"
    assert list(folder.iterdir()) == [errors]


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["{none}", "--organ", "nj-scjg"], "文件不存在"),
        (["{folder}", "--organ", "nj-scjg"], "这是一个目录"),
        (["{file}", "--organ", "nowhere"], "没有编号为“nowhere”的机构"),
        (["{file}", "--organ", "nj-xyzx"], "只能以认定单位的名义导入"),
        (["{file}", "--organ", "nj-scjg", "--errors", "{folder}/none/a.xlsx"], "--errors 应为"),
        (["{file}", "--organ", "nj-scjg", "--errors", "{folder}/a.txt"], "--errors 应为"),
        (["{empty}", "--organ", "nj-scjg"], "空文件"),
    ],
)
def test_an_error_is_one_sentence_and_exit_code_2(
    run, record_file, market_bureau, credit_bureau, tmp_path, arguments, sentence
):
    (tmp_path / "empty.csv").touch()
    places = {
        "none": tmp_path / "none.csv",
        "folder": tmp_path,
        "file": record_file(row()),
        "empty": tmp_path / "empty.csv",
    }
    code, lines, error = run(*(argument.format(**places) for argument in arguments))
    assert (code, lines) == (2, [])
    assert sentence in error
    assert len(error.strip().splitlines()) == 1
    assert ImportBatch.objects.count() == 0


def test_an_error_file_that_cannot_be_written_undoes_the_import(
    run, record_file, market_bureau, tmp_path, monkeypatch
):
    path = record_file(row(), row(处罚类别="打手心"))

    def full(content, file):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(import_records, "shutil", SimpleNamespace(copyfileobj=full))
    code, _, error = run(path, "--organ", "nj-scjg", "--errors", str(tmp_path / "a.xlsx"))
    assert code == 2
    assert "不能写入" in error
    assert ImportBatch.objects.count() == DishonestyRecord.objects.count() == 0
