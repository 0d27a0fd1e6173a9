#!/usr/bin/env python
import os
import sys

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "credit_repair.settings")
    from django.core.exceptions import ImproperlyConfigured
    from django.core.management import execute_from_command_line
    from django.db import DatabaseError

    try:
        execute_from_command_line(sys.argv)
    except ImproperlyConfigured as error:
        if "--traceback" in sys.argv:
            raise
        sys.stderr.write(f"{error}\n")
        sys.exit(2)
    except DatabaseError:
        # One of Django's own commands; the portal's look before they begin.
        from applications.commands import database_trouble

        trouble = database_trouble()
        if not trouble or "--traceback" in sys.argv:
            raise
        sys.stderr.write(f"{trouble}\n")
        sys.exit(2)
