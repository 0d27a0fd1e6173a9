"""Writes the files of the sample province into this directory: .venv/bin/python sample/generate.py [--today DAY]"""

import argparse
import os
import sys
from datetime import date
from pathlib import Path

HERE = Path(__file__).resolve().parent


def main() -> None:
    sys.path.insert(0, str(HERE.parent))
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "credit_repair.settings")
    import django

    django.setup()
    from applications.sample.province import REFERENCE_DAY, make_province

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--today", type=date.fromisoformat, default=REFERENCE_DAY, metavar="YYYY-MM-DD")
    for name, content in make_province(parser.parse_args().today).files().items():
        path = HERE / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(content)
        print(path.relative_to(HERE.parent))


if __name__ == "__main__":
    main()
