"""What the portal's commands have in common: without a database that is ready they do nothing, and errors are one sentence."""

import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.utils.translation import gettext as _


def database_trouble() -> str:
    """Why the database cannot be worked with, in one sentence; empty where it can."""
    try:
        executor = MigrationExecutor(connection)
        if executor.migration_plan(executor.loader.graph.leaf_nodes()):
            return _("数据库尚未迁移完成，请先执行 python manage.py migrate。")
    except DatabaseError:
        return _("数据库连接不上，请检查 DATABASE_URL 和数据库服务。")
    return ""


class PortalCommand(BaseCommand):
    """A command of the portal. At a terminal a CommandError is its sentence alone, on standard error."""

    # May be lazy; argparse needs a str, which create_parser makes of it.
    help: Any = ""
    at_terminal = False

    def run_from_argv(self, argv: list[str]) -> None:
        self.at_terminal = True
        super().run_from_argv(argv)

    def create_parser(self, *args: Any, **options: Any) -> CommandParser:
        self.help = str(self.help)
        return super().create_parser(*args, **options)

    def needs_database(self, options: dict[str, Any]) -> bool:
        """Whether the command, with these options, works on the database of the installation."""
        return True

    def execute(self, *args: Any, **options: Any) -> str | None:
        """CommandError with exit code 2 where the database is needed and not ready."""
        try:
            if self.needs_database(options):
                trouble = database_trouble()
                if trouble:
                    raise CommandError(trouble, returncode=2)
            output: str | None = super().execute(*args, **options)
        except CommandError as error:
            if not self.at_terminal or options["traceback"]:
                raise
            self.stderr.write(str(error))
            sys.exit(error.returncode)
        return output
