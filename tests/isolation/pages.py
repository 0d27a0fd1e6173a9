"""Whose every page is: said here page by page, without asking the code that decides it.

``{…}`` in an address or a form names a thing of a place; of the province's things where the places have none.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from string import Formatter
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile

from applications.accounts.models import User
from applications.records.fields import changeable, for_form
from applications.records.models import DishonestyRecord
from tests.fixtures import PASSWORD
from tests.isolation.people import (
    ANONYMOUS,
    APPLICANTS,
    CASE_ROLES,
    CLAIMANT,
    EVERYBODY,
    NOBODY,
    OTHERS,
    OVERSEERS,
    OWN,
    PROVINCE,
    RECORD_ROLES,
    SIGNED_IN,
    Group,
    staff,
)
from tests.isolation.world import Place, World
from tests.repairs.steps import pdf

Body = Mapping[str, Any] | Callable[[World, Place, User], Mapping[str, Any]]
Filled = dict[str, Any]


@dataclass(frozen=True)
class Page:
    """An address and who may.

    ``own`` opens it for a thing of the near place, ``other`` for one of the far place, where the address names
    one; without a name ``other`` is who may read there what is the far place's. ``near`` is who may read what
    is the near place's (as a rule, whom the page opens to); None: whoever has the code or key in the address.
    ``status``: of the page that opens. ``own_posts`` and ``other_posts``: whose POST of ``body`` changes
    something; all others change nothing.
    """

    address: str
    own: Group
    other: Group = NOBODY
    near: Group | None = NOBODY
    status: tuple[int, ...] = (200,)
    body: Body | None = None
    own_posts: Group = NOBODY
    other_posts: Group = NOBODY

    @property
    def names_a_thing(self) -> bool:
        return "{" in self.address

    def differs(self, world: World) -> bool:
        """Whether the far place has an address or a form of its own; what is the province's is both places'."""
        texts = [
            self.address,
            *(value for value in getattr(self.body, "values", tuple)() if isinstance(value, str)),
        ]
        names = [name for text in texts for _, name, _, _ in Formatter().parse(text) if name]
        return any(name.split(".")[0] not in world.things for name in names) or (
            callable(self.body) and not names
        )

    @property
    def is_private(self) -> bool:
        """Whether what stands there is somebody's, and not the bearer's of a code."""
        return self.near is not None

    def filled(self, world: World, place: Place) -> str:
        return fill(self.address, world, place)

    def missing(self, world: World) -> str:
        """The same address for a thing that does not exist."""
        parts = []
        for text, name, _spec, _conversion in Formatter().parse(self.address):
            parts.append(text)
            if name is not None:
                value, _ = Formatter().get_field(name, (), _things(world, world.near))
                parts.append(_nothing_like(value))
        return "".join(parts)

    def form(self, world: World, place: Place, user: User) -> Filled:
        if callable(self.body):
            return dict(self.body(world, place, user))
        return {
            name: fill(value, world, place)
            if isinstance(value, str)
            else value()
            if callable(value)
            else value
            for name, value in (self.body or {}).items()
        }


def fill(text: str, world: World, place: Place) -> str:
    return Formatter().vformat(text, (), _things(world, place))


def _things(world: World, place: Place) -> dict[str, Any]:
    return {**world.things, **place.things, **place.organs, "region": place.region, "place": place.code}


def _nothing_like(value: Any) -> str:
    if isinstance(value, int):
        return "999999"
    return str(uuid.uuid4()) if isinstance(value, uuid.UUID) else "XF-320100-2026-999999-9"


def mine(address: str, body: Body | None = None, **more: Any) -> Page:
    """A page of the applicants of a subject: open to them alone, each to their own subject's."""
    posts = {} if body is None else {"body": body, "own_posts": OWN, "other_posts": OTHERS}
    return Page(address, OWN, OTHERS, near=OWN, **posts, **more)


def public(address: str, **more: Any) -> Page:
    return Page(address, EVERYBODY, status=(200, 302, 503), **more)


def bearer(address: str) -> Page:
    """A page for whoever has the code or the key in its address."""
    return Page(address, EVERYBODY, EVERYBODY, near=None, status=(200, 302, 404))


def as_it_is(record: DishonestyRecord) -> dict[str, Any]:
    """The fields of a form of a record that nobody changed."""
    return {name: for_form(record, name) for name in changeable()}


def file(name: str = "证明.pdf") -> Callable[[], SimpleUploadedFile]:
    return lambda: pdf(name)


def _one_record(_world: World, place: Place, _user: User) -> Filled:
    record = place.free_record
    return {"records": [str(record.pk)], f"organ_{record.pk}": str(record.identifying_unit_id)}


READERS = OWN | staff(CASE_ROLES, "unit") | OVERSEERS
FAR_READERS = OTHERS | PROVINCE
DECISION_READERS = OWN | staff(RECORD_ROLES, "unit") | OVERSEERS
ANSWER_READERS = OWN | staff(RECORD_ROLES) | PROVINCE
REPORT_READERS = OWN | staff(RECORD_ROLES, "bureau")
PROOF_READERS = CLAIMANT | staff("intake reviewer", "bureau")
NEW_PASSWORD = "another horse battery"

PUBLIC_PAGES = [
    *map(public, ("/", "/guide/", "/organs/", "/privacy/", "/accessibility/", "/check/", "/check/result/", "/check/result.json", "/check/result.ics",
                  "/check/subject/", "/check/remind/", "/track/", "/search/", "/deadlines/", "/healthz/", "/v/",
                  "/v/keys.json", "/v/status.json", "/v/status/2026-12-02-1.json", "/v/content.schema.json",
                  "/accounts/resend-verification/", "/accounts/login/", "/accounts/inactive/", "/accounts/signup/",
                  "/accounts/confirm-email/", "/accounts/password/reset/", "/accounts/password/reset/done/",
                  "/accounts/password/reset/key/done/", "/accounts/login/code/confirm/",
                  "/guide/rules/", "/performance/", "/data/", "/data/records.schema.json",
                  "/search/results.json?q=示例", "/feeds/commitments.atom", "/feeds/notices.atom", "/sitemap.xml", "/robots.txt")),
    # What everybody may read of records and organs, wherever they are.
    *(Page(address, EVERYBODY, EVERYBODY, near=EVERYBODY) for address in ("/data/records.csv", "/performance/{unit.code}/")),
    # What these keep is in the browser's cookies.
    *(Page(address, EVERYBODY, status=(302,)) for address in ("/text/large/", "/language/en/")),
    # Whether the process lives, and nothing else.
    Page("/livez/", EVERYBODY, status=(204,)),
    # A case is tracked with its code alone, whoever is signed in.
    Page("/track/{case_submitted.number}/", NOBODY),
    *map(bearer, ("/accounts/confirm-email/abc:def/", "/accounts/password/reset/key/1-abc-def/",
                  "/v/{decision.verification_code}/")),
    # Links of a mail; these are none.
    *(Page(f"/remind/{step}/abc/", EVERYBODY, EVERYBODY, near=None, status=(400,)) for step in ("confirm", "stop")),
    # Whoever has the link is asked who comes, and is shown nothing before.
    bearer("/sign/{signing_link.token}/"),
]  # fmt: skip

ACCOUNT_PAGES = [
    Page("/accounts/logout/", SIGNED_IN, near=NOBODY, status=(200, 302)),
    Page("/accounts/reauthenticate/", SIGNED_IN, status=(200, 302)),
    # The second factor is each account's own; what changes it asks for the password again.
    Page("/accounts/2fa/", SIGNED_IN),
    Page("/accounts/2fa/totp/activate/", SIGNED_IN, status=(200, 302)),
    Page("/accounts/2fa/recovery-codes/generate/", SIGNED_IN, status=(200, 302)),
    *(
        Page(f"/accounts/2fa/{path}/", NOBODY)
        for path in ("totp/deactivate", "recovery-codes", "recovery-codes/download", "authenticate")
    ),
    Page("/accounts/2fa/reauthenticate/", SIGNED_IN, status=(200, 302)),
    Page("/accounts/email/", SIGNED_IN, near=OWN | CLAIMANT, other=OTHERS),
    Page(
        "/accounts/password/change/",
        SIGNED_IN,
        body={"oldpassword": PASSWORD, "password1": NEW_PASSWORD, "password2": NEW_PASSWORD},
        own_posts=SIGNED_IN,
    ),
    Page("/accounts/password/set/", SIGNED_IN, status=(200, 302)),
    # What somebody typed is that person's alone, whoever else acts for the same subject.
    Page(
        "/accounts/typed/{typed.pk}/discard/",
        NOBODY,
        body={},
        own_posts=OWN - {"colleague"},
        other_posts=OTHERS,
    ),
    # Whoever types writes a row of their own, to whatever form it is, and gets no word of it back.
    Page(
        "/accounts/typed/keep/",
        NOBODY,
        body={"_action": "/records/", "_sitting": "0" * 32, "name": "陈经办"},
        own_posts=SIGNED_IN,
        other_posts=SIGNED_IN,
    ),
    # They lead whomever to pages that ask who comes.
    Page("/to/reports/", EVERYBODY, EVERYBODY, status=(302,)),
    Page("/to/case/{case_submitted.number}/", EVERYBODY, EVERYBODY, status=(302,)),
    Page("/messages/", SIGNED_IN, near=SIGNED_IN, other=OTHERS | PROVINCE),
    Page("/messages/settings/", APPLICANTS, near=APPLICANTS, other=OTHERS, body={}, own_posts=APPLICANTS),
    # Without a gateway there are none of them.
    *(
        Page(f"/messages/{way}/", NOBODY)
        for way in ("settings/phone", "settings/phone/code", "settings/phone/remove", "texts/receipts")
    ),
    Page("/messages/read/", SIGNED_IN, status=(405,)),
    Page("/messages/{message.pk}/", OWN - {"colleague"}, OTHERS, near=OWN),
    Page("/messages/{message.pk}/read/", NOBODY, body={}, own_posts=OWN - {"colleague"}, other_posts=OTHERS),
]

APPLICANT_PAGES = [
    Page("/desk/", APPLICANTS, OTHERS, near=OWN | CLAIMANT),
    Page("/records/", APPLICANTS, OTHERS, near=OWN),
    mine("/records/{record.pk}/"),
    mine("/records/{record.pk}/history/"),
    mine("/remind/records/{young_record.pk}/day.ics"),
    Page(
        "/remind/records/{young_record.pk}/",
        OWN,
        OTHERS,
        near=OWN,
        status=(405,),
        body={"want": "1"},
        own_posts=OWN,
        other_posts=OTHERS,
    ),
    mine(
        "/records/{record.pk}/objection/",
        lambda _world, place, _user: as_it_is(place.record) | {"facts": "没有这回事。", "grounds": "不属实"},
    ),
    Page(
        "/records/missing/",
        APPLICANTS,
        OTHERS,
        near=OWN,
        body={"subject": "{subject.pk}", "unit": "{unit.pk}", "grounds": "缺一条"},
        own_posts=OWN,
        other_posts=OTHERS,
    ),
    mine("/records/objections/{information_objection.pk}/"),
    mine("/records/objections/{information_objection.pk}/evidence/{information_objection.evidence_id}/"),
    Page("/records/objections/", APPLICANTS, OTHERS, near=OWN),
    Page("/subjects/", APPLICANTS, OTHERS, near=OWN | CLAIMANT),
    Page(
        "/subjects/claim/?kind=organisation",
        APPLICANTS,
        OTHERS,
        near=OWN | CLAIMANT,
        body={
            "capacity": "employee",
            "name": "新主体有限公司",
            "code": "91350100M000100Y43",
            "proof": file(),
        },
        own_posts=APPLICANTS,
    ),
    # Waiting claims are their claimant's; whoever acts, the subject's own, each of the own subject.
    Page(
        "/subjects/claims/{claim.pk}/correct/",
        CLAIMANT,
        near=CLAIMANT,
        body=lambda _world, place, _user: {
            "capacity": "representative",
            "name": place.claim.name,
            "code": place.claim.uscc,
        },
        own_posts=CLAIMANT,
    ),
    # A claim whose subject nobody has confirmed yet says in the form what it is.
    Page("/subjects/claims/{claim.pk}/capacity/", NOBODY, body={"capacity": "employee"}),
    Page("/subjects/claims/{claim.pk}/withdraw/", CLAIMANT, near=CLAIMANT, body={}, own_posts=CLAIMANT),
    mine("/subjects/claims/{colleague_claim.pk}/end/", {"reason": "离职"}),
    # Without a real-name provider there are no such pages.
    Page("/subjects/real-name/", NOBODY),
    Page("/subjects/real-name/return/", NOBODY),
    Page("/subjects/proofs/{claim.proof_id}/", PROOF_READERS, near=PROOF_READERS),
    Page("/reports/", SIGNED_IN, OTHERS, near=OWN),
    mine("/a/start/{record.pk}/", {"organ": "{unit.pk}"}),
    mine("/a/together/{subject.pk}/", _one_record),
    mine("/a/filing/{sitting.pk}/"),
    mine("/a/filing/{sitting.pk}/add/", _one_record),
    mine("/a/filing/{sitting.pk}/check/"),
    mine(
        "/a/filing/{sitting.pk}/submit/",
        lambda _world, place, _user: {"case": place.sitting_cases},
        status=(302,),
    ),
    mine("/a/filing/{filed.pk}/submitted/"),
    mine("/a/{case_out.number}/out/", {}, status=(405,)),
    # What the window enters is nobody's on these pages.
    Page("/a/filing/{draft_received.filing_id}/check/", NOBODY),
    Page("/a/{draft_received.number}/check/", NOBODY),
    Page("/a/{draft_received.number}/file/{identity_material.pk}/", NOBODY),
    mine("/a/{case_submitted.number}/"),
    mine("/a/{case_draft.number}/tasks/"),
    mine("/a/{case_draft.number}/contact/", {"name": "某人", "phone": "025-1234567"}),
    mine("/a/{case_draft.number}/fulfilment/", {"corrected_on": "2026-06-03"}),
    mine(
        "/a/{case_serious.number}/training/",
        {
            "training_completed_on": "2026-08-02",
            "training_certificate_number": "培训2号",
            "report_issued_on": "2026-09-02",
            "report_issuer": "credit_bureau",
            "report_number": "报告2号",
        },
    ),
    mine("/a/{case_draft.number}/files/other/", {"uploads": file()}),
    mine("/a/{case_draft.number}/file/{draft_material.pk}/"),
    mine("/a/{case_draft.number}/file/{draft_material.pk}/remove/", {"yes": "1"}),
    mine("/a/{case_draft.number}/file/{draft_material.pk}/1.jpg"),
    mine("/a/{case_submitted.number}/files.zip"),
    mine(
        "/a/{case_draft.number}/commitment/",
        {"signatory": "陈示例", "publication_consent": "yes", "password": PASSWORD},
    ),
    mine(
        "/a/{case_draft.number}/commitment/link/",
        {"signatory": "陈示例", "delivery": "email", "email": "chen@example.com"},
    ),
    Page(
        "/a/{case_signing.number}/commitment/link/revoke/", NOBODY, body={}, own_posts=OWN, other_posts=OTHERS
    ),
    mine("/a/{case_draft.number}/commitment/agent/"),
    mine("/a/{case_draft.number}/commitment/paper/"),
    mine("/a/{case_draft.number}/commitment/text.pdf"),
    mine("/a/{case_draft.number}/check/"),
    mine("/a/{case_draft.number}/submit/", {"version": "{case_draft.version}"}, status=(302,)),
    mine("/a/{case_submitted.number}/submitted/"),
    mine(
        "/a/{case_correcting.number}/correction/",
        lambda _world, place, _user: {f"item{place.correction_item.pk}-answer": "已补正"},
    ),
    mine("/a/{case_submitted.number}/urge/", {}, status=(405,)),
    mine("/a/{case_granted.number}/certificate/", {}),
    mine("/a/{case_submitted.number}/withdraw/", {"yes": "1"}),
    mine("/objections/{case_refused.number}/", {"disputed": "obligations_fulfilled", "grounds": "已缴清"}),
    # What is kept before the objection is filed is the applicant's side's alone.
    mine("/objections/{case_refused.number}/evidence/{kept.pk}/"),
]

SHARED_PAGES = [
    Page("/a/{case_submitted.number}/file/{material.pk}/", READERS, FAR_READERS, near=READERS),
    Page("/a/{case_submitted.number}/explanations.json", READERS, FAR_READERS, near=READERS),
    Page("/objections/{case_objecting.number}/evidence/{evidence.pk}/", READERS, FAR_READERS, near=READERS),
    Page("/documents/{decision.pk}/", DECISION_READERS, FAR_READERS, near=DECISION_READERS),
    Page("/documents/{answer.pk}/", ANSWER_READERS, FAR_READERS, near=ANSWER_READERS),
    Page("/documents/{report.document_id}/", REPORT_READERS, OTHERS, near=REPORT_READERS),
    Page("/documents/{decision.pk}/english/", DECISION_READERS, FAR_READERS, near=DECISION_READERS),
    Page("/documents/{answer.pk}/english/", ANSWER_READERS, FAR_READERS, near=ANSWER_READERS),
    # A report has none.
    Page("/documents/{report.document_id}/english/", NOBODY),
]

OVERSIGHT_PAGES = [
    *(
        Page(f"/oversight/{path}", OVERSEERS, PROVINCE, near=OVERSEERS)
        for path in ("", "clocks/open/", "refusals/", "objections/", "corrections/", "deliveries/waiting/",
                     "policies/", "adoptions/{adoption.pk}/")
    ),
    Page("/oversight/policies/try/", PROVINCE, body={"shipped": "jiangsu-2020-4"}, own_posts=PROVINCE),
    Page("/oversight/replays/{run.pk}/", PROVINCE, body={"starts_on": "2027-03-01"}, own_posts=PROVINCE),
    Page("/oversight/replays/{run.pk}/affected.csv", PROVINCE),
    Page("/oversight/adoptions/{adoption.pk}/approve/", NOBODY, body={}, own_posts=PROVINCE),
    Page("/oversight/adoptions/{adoption.pk}/reject/", NOBODY, body={"reason": "改"}, own_posts=PROVINCE),
]  # fmt: skip

PAGES = [
    *PUBLIC_PAGES,
    *ACCOUNT_PAGES,
    *APPLICANT_PAGES,
    *SHARED_PAGES,
    *OVERSIGHT_PAGES,
]
assert ANONYMOUS <= EVERYBODY
