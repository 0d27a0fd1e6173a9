"""Names for groups of the people of the world. A name is who one is, not what the code lets one do."""

from __future__ import annotations

from tests.isolation.world import ROLES, ROLES_IN

Group = frozenset[str]


def group(*names: str) -> Group:
    return frozenset(names)


def staff(roles: str, *kinds: str) -> Group:
    """Those of the near place who hold one of the roles, in organs of some kinds (of all, if none is named)."""
    return group(
        *(f"{kind}.{role}" for kind in kinds or ROLES_IN for role in roles.split() if role in ROLES_IN[kind])
    )


NOBODY = group()
ANONYMOUS = group("anonymous")
OWN, OTHERS = group("owner", "colleague"), group("stranger")
CLAIMANT = group("claimant")
APPLICANTS = OWN | OTHERS | CLAIMANT
PROVINCE = group("province.supervisor")
# The flag, once with an organ and once without one, and no role.
SUPERUSERS = group("superuser", "superuser without organ")
OFFICERS = staff(" ".join(ROLES)) | PROVINCE
STAFF = OFFICERS | SUPERUSERS
SIGNED_IN = APPLICANTS | STAFF
EVERYBODY = SIGNED_IN | ANONYMOUS

CASE_ROLES = "intake reviewer approver supervisor"
RECORD_ROLES = f"{CASE_ROLES} report_officer"
WATCHERS = staff("supervisor system_admin audit_admin") | PROVINCE
OVERSEERS = staff("supervisor", "department") | PROVINCE
