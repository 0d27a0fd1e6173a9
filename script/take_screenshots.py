"""Takes the pictures of the README in a real browser, of the demonstration on throw-away data. Run by script/screenshots."""

import io
import os
import shutil
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from demo_ports import Failure
from demo_run import ROOT, say, started
from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

TARGET = ROOT / "docs" / "screenshots"
PASSWORD = "xiufu-shili-2020"  # of the sample accounts, as load_sample prints it
SIZE = {"width": 1280, "height": 860}
MOST_BYTES = 150 * 1024


def sign_in(page: Page, email: str) -> None:
    page.goto("/accounts/login/")
    page.fill("input[name=login]", email)
    page.fill("input[name=password]", PASSWORD)
    page.click("main form button[type=submit]")
    page.wait_for_load_state()


def start_page(page: Page) -> None:
    page.goto("/")


def progress(page: Page) -> None:
    """An application that was accepted two working days ago."""
    sign_in(page, "case07@example.com")
    page.goto(page.locator("main a[href^='/a/']").first.get_attribute("href") or "")
    page.locator("main details").first.evaluate("one => { one.open = true; }")


def queue(page: Page) -> None:
    sign_in(page, "reviewer.nj-scjg@example.com")
    page.goto("/admin/repairs/repaircase/")


def verification(page: Page) -> None:
    """The decision of the application that was granted."""
    sign_in(page, "case11@example.com")
    page.goto("/records/")
    page.goto(page.locator("main a[href^='/a/']").first.get_attribute("href") or "")
    page.goto(page.locator("main a[href^='/v/']").first.get_attribute("href") or "")
    # The worker has as many letters to render as the sample has.
    while page.get_by_text("PDF文件正在生成").count():
        page.wait_for_timeout(1000)
        page.reload()


# Name of the picture, language of its reader, and the way to it.
SHOTS: tuple[tuple[str, str, Callable[[Page], None]], ...] = (
    ("start-page", "en", start_page),
    ("progress", "zh-CN", progress),
    ("queue", "zh-CN", queue),
    ("verification", "zh-CN", verification),
)


def small(picture: bytes) -> bytes:
    """The same with 128 colours: pages have few, and a repository keeps every version."""
    out = io.BytesIO()
    with Image.open(io.BytesIO(picture)) as full:
        full.convert("RGB").quantize(128, dither=Image.Dither.NONE).save(out, "PNG", optimize=True)
    return out.getvalue()


def take(browser: Browser, address: str) -> None:
    TARGET.mkdir(exist_ok=True)
    for name, locale, walk in SHOTS:
        context = browser.new_context(viewport=SIZE, base_url=address, locale=locale)  # type: ignore[arg-type]
        page = context.new_page()
        walk(page)
        picture = small(page.screenshot(animations="disabled"))
        context.close()
        if len(picture) > MOST_BYTES:
            raise Failure(f"{name}.png 超过150KB。\n{name}.png is larger than 150 KB.")
        (TARGET / f"{name}.png").write_bytes(picture)
        say(f"{name}.png {len(picture) // 1024} KB")


def main() -> int:
    data = Path(tempfile.mkdtemp(prefix="credit-repair-pictures."))
    demo = None
    try:
        demo = started(data, usual_ports=False)
        with sync_playwright() as playwright:
            # As root Chromium refuses its own sandbox.
            arguments = ["--no-sandbox"] if os.geteuid() == 0 else []
            path = os.environ.get("CHROMIUM") or shutil.which("chromium")
            browser = playwright.chromium.launch(executable_path=path, args=arguments)
            take(browser, demo.portal_url)
            browser.close()
        return 0
    except Failure as failure:
        print(f"错误 error: {failure}", file=sys.stderr)
        return 1
    finally:
        if demo:
            demo.stop(0)
        shutil.rmtree(data, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
