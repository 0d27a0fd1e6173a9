"""Who reads a document of a case is asked in a way that an index answers, however many cases there are."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from applications.documents.models import Document
from applications.repairs.access import may_read_document
from tests.repairs.steps import submitted

pytestmark = pytest.mark.django_db


def test_one_table_is_asked_at_a_time(general_record, market_bureau, alice, zhao, outsider):
    case = submitted(general_record, market_bureau, alice)
    receipt = Document.objects.get(about=case.number, kind="receipt")
    commitment = case.filing.commitment.document
    for document in (receipt, commitment):
        assert may_read_document(zhao, document) and not may_read_document(outsider, document)
    # As it is where it was issued in another case of the same filing.
    commitment.about = receipt.about = "XF-320100-2026-999999-1"
    with CaptureQueriesContext(connection) as asked:
        assert not may_read_document(zhao, receipt) and may_read_document(zhao, commitment)
    cases = [each["sql"] for each in asked.captured_queries if "repairs_repaircase" in each["sql"]]
    # The receipt by its number alone, for it is in no filing; the commitment by its number, then by its filing.
    assert len(cases) == 3 and not any(" OR " in sql for sql in cases)
