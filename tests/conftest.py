"""Which tests can run here, and the browser that they run in.

``script/test`` starts PostgreSQL and Redis and names them in the environment. Plain ``pytest`` has neither:
it runs on the embedded database and skips what needs more, saying each time what is missing.
"""

import asyncio
import gc
import os
import shutil
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings

# How long an example takes depends on the machine and on what else it does: that is no fault of the code.
hypothesis_settings.register_profile(
    "any machine", deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
hypothesis_settings.load_profile("any machine")

# Playwright keeps an event loop in its thread; Django would take every later test there for asynchronous code.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "1")

# pyHanko signs in a loop of its own, which no thread can begin that has one already: beside a browser it gets a thread.
_run_here = asyncio.run


def _run_anywhere(main: Any, **options: Any) -> Any:
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return _run_here(main, **options)
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(_run_here, main, **options).result()


asyncio.run = _run_anywhere

pytest_plugins = ["tests.fixtures"]

# Pages in English need the compiled catalogue, and a translator changes the other.
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "script"))
import catalogue  # noqa: E402

if not catalogue.MO.exists() or catalogue.MO.stat().st_mtime < catalogue.PO.stat().st_mtime:
    catalogue.compile_catalogue()


def find_chromium() -> str | None:
    """Path of a Chromium or Chrome of this machine; None where Playwright's own is the only hope."""
    named = os.environ.get("CHROMIUM")
    if named:
        return named
    for program in ("chromium", "google-chrome"):
        path = shutil.which(program)
        if path:
            return path
    return None


# A hardware module in software (PKCS#11).
SOFTHSM = Path("/usr/lib/softhsm/libsofthsm2.so")


def playwright_has_chromium() -> bool:
    folder = os.environ.get("PLAYWRIGHT_BROWSERS_PATH") or Path.home() / ".cache" / "ms-playwright"
    return any(Path(folder).glob("chromium-*"))


def missing_for(marker: str) -> str | None:
    """What this machine lacks to run tests with the marker, as the reason of a skip; None if nothing."""
    if marker == "server":
        unset = [name for name in ("DATABASE_URL", "BROKER_URL") if not os.environ.get(name)]
        if unset:
            servers = {"DATABASE_URL": "PostgreSQL", "BROKER_URL": "Redis"}
            missing = ", ".join(f"{servers[name]} ({name} is not set)" for name in unset)
            return f"missing: {missing}; script/test starts them"
    if marker == "browser" and not (find_chromium() or playwright_has_chromium()):
        return "missing: Chromium (none found, CHROMIUM is not set); script/setup --browser installs it"
    if marker == "scanner" and not os.environ.get("TEST_CLAMD_ADDRESS"):
        return "missing: clamd (TEST_CLAMD_ADDRESS is not set); script/test starts one"
    if marker == "validator" and not (
        shutil.which("java") and Path("/usr/share/java/jaxb-runtime.jar").exists()
    ):
        return "missing: Java and its JAXB, for veraPDF; script/setup --servers installs them"
    if marker == "module" and not SOFTHSM.exists():
        return "missing: SoftHSM; script/setup --servers installs it"
    if marker == "containers" and not os.environ.get("CONTAINER_ENGINE"):
        reason = os.environ.get("CONTAINER_ENGINE_MISSING", "script/test --containers starts one")
        return f"missing: a container engine; {reason}"
    return None


@pytest.hookimpl(tryfirst=True)
def pytest_collection_finish(session: pytest.Session) -> None:
    # Whatever the order of the others: where a long one comes last, a core waits for it.
    session.items.sort(key=lambda item: item.get_closest_marker("long") is None)
    # Thousands of tests and the whole project live to the end: looking through them for garbage took a twelfth of the run.
    gc.collect()
    gc.freeze()


def pytest_itemcollected(item: pytest.Item) -> None:
    if item.get_closest_marker("browser"):
        # Two browsers on two cores only slow each other down: one worker runs these, one after the other. Said here,
        # because pytest-xdist reads it before any other hook over all items.
        item.add_marker(pytest.mark.xdist_group("browser"))
    elif item.path.parent.name == "isolation":
        # To build their world takes as long as to ask everything in it as one person: one worker has it for all of them.
        item.add_marker(pytest.mark.xdist_group("isolation"))
    elif "upgraded" in getattr(item, "fixturenames", ()):
        # An older database brought up to date, which the tests of a file share: made once, not once for each worker.
        item.add_marker(pytest.mark.xdist_group(f"{item.path.stem}-{item.callspec.params['upgraded']}"))


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        for marker in ("server", "browser", "scanner", "validator", "module", "containers"):
            if item.get_closest_marker(marker):
                reason = missing_for(marker)
                if reason:
                    item.add_marker(pytest.mark.skip(reason=reason))


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict) -> dict:
    """Playwright's launch arguments, with the system's Chromium and, for root, without its sandbox."""
    arguments = {**browser_type_launch_args}
    path = find_chromium()
    if path:
        arguments["executable_path"] = path
    if os.geteuid() == 0:
        # Chromium refuses to start its sandbox as root, which is what CI and containers run as.
        arguments["args"] = [*arguments.get("args", []), "--no-sandbox"]
    return arguments


@pytest.fixture(scope="session")
def browser_context_args(browser_context_args: dict) -> dict:
    """A reader of Chinese: a page is in the language that the browser asks for."""
    return {**browser_context_args, "locale": "zh-CN"}
