"""What accounts, and the apps below them, hold about a person (accounts.holdings)."""

import json
from contextlib import suppress
from typing import Any

from allauth.account.models import EmailAddress, EmailConfirmation
from allauth.mfa.models import Authenticator
from cryptography.fernet import InvalidToken
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Group, Permission
from django.contrib.contenttypes.models import ContentType
from django.contrib.sessions.models import Session
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from applications.accounts import retention
from applications.accounts.admin_exports import ExportColumn as Column
from applications.accounts.holdings import Holding, register
from applications.accounts.models import (
    Absence,
    RealNameAccount,
    SavedFilter,
    SecondFactorReset,
    StaffRole,
    Strangers,
    TypedText,
    User,
)
from applications.accounts.retention import Erasure, delete_rows
from applications.accounts.typed import KEPT_FOR
from applications.at_rest import decrypt
from applications.files.models import PagePicture, StoredFile, VirusScan
from applications.ledger.models import Head, HeadExport
from applications.numbering.models import Series
from applications.organs.models import Organ


def _of(model: Any, field: str) -> Any:
    def rows(person: User) -> QuerySet[Any]:
        found: QuerySet[Any] = model.objects.filter(**{field: person}).order_by("pk")
        return found

    return rows


def _typed(row: TypedText) -> object:
    with suppress(InvalidToken):
        return json.loads(decrypt(row.content.encode()))
    # Encrypted under a key that is gone: nobody can read it any more.
    return None


retention.register(
    Erasure("typed_text", lambda at: TypedText.objects.filter(kept_at__lt=at - KEPT_FOR), delete_rows),
    Erasure("session", lambda at: Session.objects.filter(expire_date__lt=at), delete_rows),
)
register(
    Holding(
        User,
        ["email", "name", "phone", "organ", "is_staff", "is_active", "date_joined", "last_login"],
        of_person=lambda person: [person],
        title=_("账号"),
    ),
    Holding(
        EmailAddress,
        [
            Column(_("电子邮箱"), lambda row: row.email),
            Column(_("已确认"), lambda row: row.verified),
            Column(_("用来登录"), lambda row: row.primary),
        ],
        of_person=_of(EmailAddress, "user"),
        title=_("账号的邮箱"),
    ),
    Holding(
        Authenticator,
        [
            # Never what it is made of.
            Column(_("方式"), lambda row: row.get_type_display()),
            Column(_("开启时间"), lambda row: row.created_at),
            Column(_("上次使用"), lambda row: row.last_used_at),
        ],
        of_person=_of(Authenticator, "user"),
        title=_("两步验证"),
    ),
    Holding(
        SecondFactorReset,
        ["state", "grounds", "proposed_at", "decided_at", "reason"],
        of_person=_of(SecondFactorReset, "account"),
    ),
    Holding(
        RealNameAccount,
        ["issuer", Column(_("认证机构给出的标识"), lambda row: row.key), "connected_at"],
        of_person=_of(RealNameAccount, "user"),
    ),
    Holding(StaffRole, ["role"], of_person=_of(StaffRole, "user")),
    Holding(
        Absence,
        ["first_on", "last_on", "made_at", "ended_at"],
        of_person=_of(Absence, "user"),
    ),
    Holding(
        SavedFilter,
        ["name", Column(_("页面"), lambda row: row.page), Column(_("条件"), lambda row: row.query)],
        of_person=_of(SavedFilter, "user"),
    ),
    Holding(
        TypedText,
        [
            Column(_("页面"), lambda row: row.action),
            Column(_("内容"), _typed),
            Column(_("保存时间"), lambda row: row.kept_at),
        ],
        of_person=_of(TypedText, "writer"),
        title=_("没有提交的文字"),
    ),
    Holding(
        StoredFile,
        ["name", "content_type", "size", "pages", "sha256", "stored_at"],
        of_person=_of(StoredFile, "stored_by"),
        title=_("上传过的文件"),
        also=[PagePicture, VirusScan],
    ),
    nothing={
        EmailConfirmation: "links of mails are signed, and no row is made for them",
        Group: "not used: posts are roles in an organ",
        Permission: "not used: posts are roles in an organ",
        ContentType: "names of tables",
        LogEntry: "which forms of the officers' site were saved in office; the ledger says what was done",
        Session: "the mark of a signed-in browser, which opens the account to whoever has it; gone after half an hour",
        Strangers: "one number: how often signing in failed with addresses that have no account",
        Head: "signed digests over the whole ledger",
        HeadExport: "which of them were written to files",
        Series: "the last number given out",
        Organ: "public bodies",
    },
)
