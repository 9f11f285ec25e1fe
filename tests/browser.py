"""A real browser for system tests: Debian's Chromium, driven by Playwright.

A test asks for the fixture `browser` and opens pages with `visit`, which fails where a page says anything on
its console, asks for anything outside, or does not fit its window.
"""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

_FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
_CONTRAST = """() => {
  const canvas = document.createElement("canvas").getContext("2d", {willReadFrequently: true});
  const rgba = colour => {
    canvas.clearRect(0, 0, 1, 1);
    canvas.fillStyle = colour;
    canvas.fillRect(0, 0, 1, 1);
    return [...canvas.getImageData(0, 0, 1, 1).data];
  };
  const mix = (a, b, share) => a * share + b * (1 - share);
  const over = (top, under) => under.map((c, i) => i > 2 ? 255 : mix(top[i], c, top[3] / 255));
  const back = element => {
    const own = rgba(getComputedStyle(element).backgroundColor);
    const under = () => element.parentElement ? back(element.parentElement) : [255, 255, 255, 255];
    return own[3] === 255 ? own : over(own, under());
  };
  const light = c => { const x = c / 255; return x <= 0.04045 ? x / 12.92 : ((x + 0.055) / 1.055) ** 2.4; };
  const luminance = c => 0.2126 * light(c[0]) + 0.7152 * light(c[1]) + 0.0722 * light(c[2]);
  const poor = new Map();
  for (const element of document.querySelectorAll("body *")) {
    const words = [...element.childNodes].some(n => n.nodeType === 3 && n.textContent.trim());
    if (!words || !element.checkVisibility() || element.closest("script, style, title, desc")) continue;
    const style = getComputedStyle(element);
    const ground = back(element.closest("svg")?.parentElement ?? element);
    const text = over(rgba(element instanceof SVGElement ? style.fill : style.color), ground);
    const [a, b] = [luminance(text), luminance(ground)].sort((x, y) => y - x);
    const ratio = (a + 0.05) / (b + 0.05);
    const size = parseFloat(style.fontSize);
    const least = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700) ? 3 : 4.5;
    if (ratio < least) poor.set(`${element.tagName}.${element.getAttribute("class")}`, ratio);
  }
  return Object.fromEntries(poor);
}"""


@pytest.fixture(scope="session")
def chromium() -> str:
    """The path of Chromium: $CHROMIUM, else the one on the PATH; without one a test is skipped."""
    found = os.environ.get("CHROMIUM") or shutil.which("chromium")
    if not found:
        pytest.skip("Chromium is missing: apt-get install chromium, or set CHROMIUM to its path")
    return found


@pytest.fixture(scope="module")
def browser(chromium: str) -> Iterator[Any]:
    """A browser without a window, for the tests of a module."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=chromium, args=list(_FLAGS))
        yield opened
        opened.close()


@contextmanager
def visit(
    browser: Any, url: str, *, width: int = 1200, own_origin: bool = False, **context: Any
) -> Iterator[Any]:
    """A page at `url`; afterwards the promises of the module are checked.

    Args:
        browser: The fixture.
        url: file:// or http://127.0.0.1.
        width: Of the window.
        own_origin: Whether the page may ask its own server for more.
        context: What else Playwright's context takes, such as `color_scheme="dark"`.
    """
    opened = browser.new_context(viewport={"width": width, "height": 900}, **context)
    page = opened.new_page()
    said: list[str] = []
    asked: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("request", lambda request: asked.append(request.url))
    page.goto(url)
    yield page
    assert fits(page), f"the page is wider than its window of {width} px"
    assert said == []
    origin = url if not own_origin else "/".join(url.split("/")[:3]) + "/"
    assert [each for each in asked if not each.startswith((origin, "data:"))] == []
    opened.close()


def fits(page: Any) -> bool:
    """Whether nothing has to be scrolled sideways but what scrolls by itself."""
    return bool(page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth"))


def poor_contrast(page: Any) -> dict[str, float]:
    """Elements with words whose contrast is below WCAG's AA (4.5, or 3 for large text), and what it is."""
    return dict(page.evaluate(_CONTRAST))
