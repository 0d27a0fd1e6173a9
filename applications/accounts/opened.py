"""Evidence before verdict, for whatever rests on uploaded files: who decides on it has opened each of them, as the readings in
the ledger say (accounts.reading). What somebody handed in himself he knows."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from applications.accounts.models import User
from applications.accounts.reading import note_reading
from applications.accounts.refusals import noted
from applications.files.models import StoredFile
from applications.ledger.selectors import readings_by


class Unopened(ValidationError):
    """A file that a decision rests on was not opened by whoever decides. The messages say which, and what to do."""


@dataclass(frozen=True)
class Evidence:
    """A file, the address that opens it (and with ``?page`` page by page), and whether whoever looks has opened it."""

    file: StoredFile
    address: str
    opened: bool


def evidence_of(
    addresses: Mapping[StoredFile, str], *, reader: User, about: str, verb: str
) -> list[Evidence]:
    """The files, in their order, as the page of whoever decides shows them. ``addresses``: file → what opens it."""
    unseen = unopened(addresses, reader=reader, about=about, verb=verb)
    return [Evidence(file, address, file not in unseen) for file, address in addresses.items()]


def opened_keys(reader_id: int, abouts: Iterable[str], *verbs: str) -> frozenset[str]:
    """The keys of the files and documents that an officer was shown, of what has these chains, by the verbs of the readings."""
    payloads = readings_by(reader_id, abouts, *verbs).values_list("payload", flat=True)
    return frozenset(key for payload in payloads if (key := payload.get("file") or payload.get("document")))


def unopened(files: Collection[StoredFile], *, reader: User, about: str, verb: str) -> list[StoredFile]:
    """Those of the files that the reader neither opened nor handed in. ``about``: the chain that their readings name."""
    others = [file for file in files if file.stored_by_id != reader.pk]
    if not others:
        return []
    opened = opened_keys(reader.pk, [about], verb)
    return [file for file in others if str(file.pk) not in opened]


def refuse_unopened(files: Collection[StoredFile], *, reader: User, about: str, verb: str, act: str) -> None:
    """Unopened, with a sentence for each file that the reader has to open first; the attempt is noted as one at ``act``."""
    with noted(Unopened, act=act, about=about):
        if unseen := unopened(files, reader=reader, about=about, verb=verb):
            raise Unopened(
                [
                    _("您还没有打开“%(name)s”，没有办理。请打开核对后再办理；打不开的，请联系系统管理员。")
                    % {"name": file.name}
                    for file in unseen
                ]
            )


def read_all(files: Iterable[StoredFile], *, reader: User, about: str, verb: str, at: datetime) -> None:
    """Note that an officer was shown each of the files, one after the other."""
    for file in files:
        note_reading(reader=reader, verb=verb, at=at, about=about, payload={"file": str(file.pk)})
