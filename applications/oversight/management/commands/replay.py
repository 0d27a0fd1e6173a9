"""python manage.py replay --policy ID [--since YYYY-MM-DD] [--csv FILE] [--processes N]

What a policy would change: who would gain, who would lose, by article. The last line printed is the report as
one JSON object; progress goes to standard error. Nothing but a line of the ledger (for --csv) is written.
"""

import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from functools import partial
from pathlib import Path
from typing import IO, Any

from django.core.management.base import CommandParser
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from applications.commands import PortalCommand
from applications.ledger.services import record_event
from applications.oversight.comparing import VERDICTS
from applications.oversight.replaying import KINDS, AffectedList, Report, replay
from applications.policies.models import PolicyText
from applications.policies.selectors import policy_by_digest
from rules.eligibility import OUTCOMES
from rules.errors import InputError, RulesError
from rules.facts import read_date
from rules.policy import Policy, get_policy

MOST_PROCESSES = 32


class Command(PortalCommand):
    help = gettext_lazy("按某一政策重新评估全部申请和失信行为信息，报告谁受益、谁受损。")

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--policy", required=True, metavar="ID", help=_("政策编号"))
        parser.add_argument("--since", metavar="YYYY-MM-DD", help=_("只看这一天以来提交的申请、认定的信息"))
        parser.add_argument("--csv", type=Path, metavar="FILE", help=_("受影响的名单写到这个文件"))
        parser.add_argument(
            "--processes",
            type=int,
            default=1,
            metavar="N",
            help=_("同时用几个进程，最多%(most)d个") % {"most": MOST_PROCESSES},
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            since = read_date(options["since"], "--since") if options["since"] else None
            if not 1 <= options["processes"] <= MOST_PROCESSES:
                raise InputError("--processes", _("应为1至%(most)d") % {"most": MOST_PROCESSES})
            policy = find_policy(options["policy"])
            report = self._replay(policy, since, options["csv"], options["processes"])
        except RulesError as error:
            self.stderr.write(str(error))
            sys.exit(2)
        self._print(report)

    def _replay(self, policy: Policy, since: date | None, path: Path | None, processes: int) -> Report:
        at = timezone.now()
        today = timezone.localdate(at)
        ask = partial(
            replay, policy=policy, on=today, since=since, progress=self._progress, processes=processes
        )
        if path is None:
            report = ask()
        else:
            with _whole(path) as file:
                affected = AffectedList(file)
                report = ask(each=affected.add)
                with transaction.atomic():
                    record_event(
                        chain="replay",
                        verb="replay.exported",
                        at=at,
                        payload={"policy": policy.id, "digest": policy.digest, "rows": affected.rows},
                    )
        return report

    def _progress(self, done: int, total: int) -> None:
        self.stderr.write(
            "\r" + _("已重评 %(done)s/%(total)s") % {"done": done, "total": total},
            ending="" if done < total else "\n",
        )

    def _print(self, report: Report) -> None:
        told = report.to_json()
        write = self.stdout.write
        write(f"《{report.policy.title}》（{report.policy.document}），{report.on.isoformat()}")
        for kind, counted in told["totals"].items():
            parts = "，".join(f"{label}{counted[verdict]}" for verdict, label in VERDICTS.items())
            write(
                _("%(kind)s%(count)s件：%(parts)s")
                % {"kind": KINDS[kind], "count": counted["all"], "parts": parts}
            )
        for line in told["articles"]:
            write(
                "  "
                + _("%(article)s：受益%(gain)s，受损%(lose)s")
                % {"article": line["article"], "gain": line["gain"], "lose": line["lose"]}
            )
        for line in told["moves"]:
            write(f"  {OUTCOMES[line['before']]} → {OUTCOMES[line['after']]}：{line['count']}")
        write(json.dumps(told, ensure_ascii=False))


def find_policy(policy_id: str) -> Policy:
    """A shipped policy, or one whose text was handed in. Raises InputError."""
    digest = PolicyText.objects.filter(policy_id=policy_id).order_by("-kept_at").values_list("pk").first()
    try:
        return get_policy(policy_id)
    except InputError:
        if digest is None:
            raise
        return policy_by_digest(digest[0])


@contextmanager
def _whole(path: Path) -> Iterator[IO[str]]:
    """A text file that is there completely or not at all. Raises InputError where it cannot be written."""
    partial = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with partial.open("w", encoding="utf-8", newline="") as file:
            yield file
        partial.replace(path)
    except OSError as error:
        raise InputError(
            "--csv", _("不能写入“%(path)s”（%(strerror)s）") % {"path": path, "strerror": error.strerror}
        ) from None
    finally:
        partial.unlink(missing_ok=True)
