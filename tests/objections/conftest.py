"""A refusal, and an objection to it with a receipt of the bank, the papers of which the second approver has opened."""

import pytest

from applications.objections import services, steps
from tests.fixtures import moment
from tests.repairs.steps import open_papers, pdf, refused


@pytest.fixture
def case(general_record, market_bureau, alice, wang, li, zhao):
    return refused(general_record, market_bureau, alice, wang, li, zhao)


@pytest.fixture
def objection(case, alice, second_approver):
    kept = services.keep_evidence(
        case=case, upload=pdf("银行回单.pdf"), actor=alice, at=moment("2026-11-27 10:00")
    )
    open_papers(case, second_approver, "2026-11-30 09:00", kept.file)
    return steps.file_objection(
        case=case,
        disputed=["obligations_fulfilled"],
        grounds="罚款已于6月2日全额缴清，凭证金额含滞纳金。",
        actor=alice,
        at=moment("2026-11-27 10:00"),
    )
