"""The database server goes down in the middle of an import, without a word, and is back after its recovery."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from django.db import OperationalError
from django.urls import reverse
from django.utils import timezone

from applications.ledger.models import Event
from applications.ledger.verification import verify_ledger
from applications.records.importing import spool
from applications.records.models import DishonestyRecord, ImportBatch, ImportRun
from applications.records.services import runs
from applications.records.tasks import run_imports
from applications.subjects.models import Subject
from tests.records.files import as_csv, row
from tests.scaling.standby import asking, copy_of_server
from tests.sharing_sandbox.process import free_port

ROWS = 6


class Server:
    """A copy of the test's server, which can be restarted."""

    def __init__(self, folder, programs, user) -> None:
        self.port = free_port()
        self.command = [programs / "pg_ctl", "-D", folder / "data", "-l", folder / "log", "--wait"]
        self.how = {"user": user, "cwd": folder, "check": True, "stdout": subprocess.DEVNULL}
        self.options = f"-p {self.port} -k {folder} -c listen_addresses=127.0.0.1"

    def start(self) -> None:
        subprocess.run([*self.command, "-o", self.options, "start"], **self.how)

    def restart(self) -> None:
        """As after a power cut: what was not committed is gone."""
        subprocess.run([*self.command, "-m", "immediate", "restart"], **self.how)

    def stop(self) -> None:
        subprocess.run([*self.command, "-m", "immediate", "stop"], **self.how)


@contextmanager
def server() -> Iterator[Server]:
    with copy_of_server() as copy:
        running = Server(*copy)
        running.start()
        try:
            with asking("127.0.0.1", running.port):
                yield running
        finally:
            running.stop()


@pytest.mark.server
@pytest.mark.django_db(transaction=True)
def test_an_import_in_the_middle_of_which_the_database_restarts_leaves_nothing_and_is_taken_up_again(
    market_bureau, wang, client, monkeypatch
):
    monkeypatch.setattr(spool, "CHUNK", 2)
    content = as_csv(*(row(行政处罚决定书文号=f"宁市监处罚〔2026〕{n}号") for n in range(1, ROWS + 1)))
    began = timezone.now() - timedelta(minutes=10)
    with server() as database:
        run = runs.begin(content=[content], file_name="市监.csv", organ=market_bureau, actor=wang, at=began)
        assert runs.work_on(run_id=run.pk, clock=lambda: began)
        assert runs.confirm(run=run, confirmed=False, at=began)
        import_file = runs.import_file

        def restarted_on_the_way(*, progress, **how):
            def tell(share, rows):
                progress(share, rows)
                if rows == ROWS - 2:
                    # Four rows have been written, and are not committed.
                    assert DishonestyRecord.objects.count() == ROWS - 2
                    database.restart()

            return import_file(progress=tell, **how)

        with monkeypatch.context() as way:
            way.setattr(runs, "import_file", restarted_on_the_way)
            with pytest.raises(OperationalError):
                runs.work_on(run_id=run.pk, clock=lambda: began)

        for model in (DishonestyRecord, Subject, ImportBatch):
            assert not model.objects.exists()
        assert not Event.objects.filter(verb="record.imported").exists()
        client.force_login(wang)
        page = client.get(reverse("admin:records_importbatch_run", args=[run.pk])).text
        assert "<progress" in page and "已导入" not in page

        # The next round after its worker has been silent for five minutes.
        assert run_imports() == 1
        run = ImportRun.objects.get()
        assert (run.state, run.batch.created, run.batch.rejected) == ("done", ROWS, 0)
        assert DishonestyRecord.objects.count() == ROWS
        assert not verify_ledger(at=timezone.now()).broken
