"""The page in a real browser: it renders, sorts, prints, and asks nothing of anybody."""

import msgspec
import pytest

from components.evaluate.drift import drift_of
from components.evaluate.review.page import SECTIONS, write_review
from components.records.drift import DriftOptions
from tests.browser import fits, poor_contrast, visit
from tests.evaluate.review.made_up import made_up
from tests.evaluate.review.test_drift import judged

pytestmark = pytest.mark.system


@pytest.fixture(scope="module")
def url(tmp_path_factory):
    path = tmp_path_factory.mktemp("review") / "review.html"
    drift = drift_of(judged(3), {"please play number"}, DriftOptions())
    write_review(path, msgspec.structs.replace(made_up(), drift=drift))
    return path.as_uri()


def column(table, number):
    return table.evaluate(f"t => [...t.tBodies[0].rows].map(row => row.cells[{number}].dataset.value)")


@pytest.mark.parametrize("width", [400, 1200])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_fits_and_can_be_read(browser, url, width, scheme):
    with visit(browser, url, width=width, color_scheme=scheme) as page:
        assert page.title().startswith("Not blessed")
        assert page.locator("h2").count() == page.locator("nav a").count() == len(SECTIONS)
        page.evaluate("document.querySelectorAll('details').forEach(each => each.open = true)")
        assert fits(page)
        assert poor_contrast(page) == {}
        dark = page.evaluate("getComputedStyle(document.body).backgroundColor") != "rgb(255, 255, 255)"
        assert dark == (scheme == "dark")


def test_headings_sort_by_click_and_by_keyboard(browser, url):
    with visit(browser, url) as page:
        table = page.locator("table.sortable", has=page.locator("caption", has_text="All slices")).first
        head = table.locator("thead th").nth(3)
        before = column(table, 3)
        head.locator("button").click()
        assert head.get_attribute("aria-sort") == "descending"
        assert column(table, 3) == sorted(before, key=float, reverse=True) != before
        head.locator("button").focus()
        page.keyboard.press("Enter")
        assert head.get_attribute("aria-sort") == "ascending"
        assert column(table, 3) == sorted(before, key=float)
        name = table.locator("thead th").nth(1)
        name.locator("button").press("Space")
        assert name.get_attribute("aria-sort") == "descending"
        assert head.get_attribute("aria-sort") is None


def test_without_scripts_everything_is_there(browser, url):
    with visit(browser, url, java_script_enabled=False) as page:
        assert page.locator("button").count() == 0
        assert page.locator("table.sortable").first.is_visible()
        assert "All slices" in page.locator("main").inner_text()


def test_links_lead_to_their_sections(browser, url):
    with visit(browser, url) as page:
        page.locator("nav a", has_text="Model cards").click()
        assert page.locator("h2#models").evaluate("h => h.getBoundingClientRect().top < innerHeight")


def test_on_paper_every_detail_is_open(browser, url):
    with visit(browser, url) as page:
        assert page.locator("details:not([open])").count() > 3
        page.evaluate("dispatchEvent(new Event('beforeprint'))")
        assert page.locator("details:not([open])").count() == 0
        page.evaluate("dispatchEvent(new Event('afterprint'))")
        assert page.locator("details:not([open])").count() > 3
        page.emulate_media(media="print")
        assert not page.locator("nav").is_visible()
        page.set_viewport_size({"width": 690, "height": 1000})  # A4 between its margins
        page.evaluate("document.querySelectorAll('details').forEach(each => each.open = true)")
        assert fits(page)
        assert page.pdf(format="A4").startswith(b"%PDF")


def test_a_screen_reader_finds_its_way(browser, url):
    with visit(browser, url) as page:
        tree = page.locator("body").aria_snapshot()
        for landmark in ('navigation "Sections"', "banner", "main", "contentinfo", 'region "Verdict"'):
            assert landmark in tree
        assert 'heading "Re-rankers" [level=2]' in tree
        assert 'img "Reliability diagram' in tree
        unnamed = (
            "[...document.querySelectorAll('table')].filter(t => !t.caption || !t.querySelector('th[scope]'))"
        )
        assert page.evaluate(f"{unnamed}.length") == 0
