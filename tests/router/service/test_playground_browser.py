"""The playground in a real browser, against a real router."""

import json

import httpx
import pytest

from components.router.service.in_process import InProcess
from components.router.service.options import RouterOptions
from components.router.service.service import RouterServer
from tests.browser import fits, poor_contrast, visit

pytestmark = pytest.mark.system

ASKED = "😀 book a room in new york for 3 people"
HOSTILE = "<img src=x onerror=\"document.title='taken'\"><script>document.title='taken'</script>"


@pytest.fixture(scope="module")
def url(router):
    return f"http://{router.http_address}/"


def ask(page, text):
    page.keyboard.type(text)  # the field has the focus from the start
    page.keyboard.press("Enter")
    page.locator("#answer").wait_for()


@pytest.mark.parametrize("width", [320, 1200])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_request_is_typed_sent_and_explained(browser, url, width, scheme):
    with visit(browser, url, width=width, color_scheme=scheme, own_origin=True) as page:
        ask(page, ASKED)
        assert page.locator("#status").inner_text().startswith("Accepted: hotel_1, ")
        best = page.locator("#hypotheses > li").first
        # Python's strings count code points, as the API does; an emoji is two units of JavaScript's.
        slots = httpx.post(f"{url}v1/route", json={"utterance": ASKED}).json()["hypotheses"][0]["slots"]
        shown = [ASKED[slot["start"] : slot["end"]] + slot["name"] for slot in slots]
        assert "new yorkcity" in shown
        assert best.locator("mark").evaluate_all("all => all.map(each => each.textContent)") == shown
        assert best.locator("dt").all_inner_texts() == [
            "shortlister",
            "domain",
            "intent",
            "slots",
            "reranker",
            "hyprank",
        ]
        for section in ("why", "shortlist", "readings", "time"):
            assert page.locator(f"#{section} table tbody tr").count() > 1
        stages = page.locator("#time tbody th").all_inner_texts()
        assert stages == [
            "Shortlister",
            "Domain models",
            "HypRank",
            "Router's own work",
            "Whole decision",
            "Seen from here",
        ]
        assert page.locator("#models li").count() >= 3
        page.locator("summary").click()
        assert fits(page)
        assert poor_contrast(page) == {}
        dark = page.evaluate("getComputedStyle(document.body).backgroundColor") != "rgb(255, 255, 255)"
        assert dark == (scheme == "dark")


def test_the_context_goes_along(browser, url):
    with visit(browser, url, own_origin=True) as page:
        sent = []
        page.on("request", lambda request: sent.append(request.post_data))
        page.keyboard.type("play jazz")
        for text in ("tv", "c9", "oven", "radio, hotel_1,"):
            page.keyboard.press("Tab")
            if text == "tv":
                page.keyboard.press("Tab")  # the button comes first
            page.keyboard.type(text)
        page.keyboard.press("Enter")
        page.locator("#answer").wait_for()
        assert json.loads(sent[0]) == {
            "utterance": "play jazz",
            "explain": True,
            "device": "tv",
            "customer_id": "c9",
            "context": {"previous_skill": "oven"},
            "enabled_skills": ["radio", "hotel_1"],
        }
        assert "oven" in page.locator("#readings").inner_text()


def test_skills_that_were_seen_are_suggested(browser, url):
    with visit(browser, url, own_origin=True) as page:
        ids = page.locator("[id]").evaluate_all("all => all.map(each => each.id)")
        assert sorted(ids) == sorted(set(ids))
        ask(page, ASKED)
        suggested = page.evaluate("[...document.getElementById('previous').list.options].map(o => o.value)")
        assert "hotel_1" in suggested


def test_unknown_skills_and_the_arm_are_said(browser, url):
    def canary(route):
        route.fulfill(json=route.fetch().json() | {"arm": "canary"})

    with visit(browser, url, own_origin=True) as page:
        page.route("**/v1/route", canary)
        page.locator("#skills").fill("nowhere, no_more")
        page.locator("#utterance").focus()
        ask(page, ASKED)
        assert page.locator("#status").inner_text().startswith("Refused")
        said = page.locator("#why").inner_text()
        assert "The models do not know nowhere, no_more." in said
        assert "its candidates answered" in said


def test_what_is_hostile_stays_text(browser, url):
    def hostile(route):
        answer = route.fetch().json()
        answer["degraded"] = [HOSTILE]
        for each in (*answer["hypotheses"], *answer["explanation"]["readings"]):
            each |= {"skill_id": HOSTILE, "domain": HOSTILE, "intent": HOSTILE}
            each["slots"] = [{"name": HOSTILE, "value": HOSTILE, "start": 0, "end": 4}]
        for each in answer["explanation"]["shortlist"]:
            each |= {"skill_id": HOSTILE, "domain": HOSTILE}
        answer["models"] = [{"model": HOSTILE, "version": 1}]
        route.fulfill(json=answer)

    with visit(browser, url, width=400, own_origin=True) as page:
        ask(page, HOSTILE)
        assert page.locator("#hypotheses .text").first.text_content() == HOSTILE
        page.route("**/v1/route", hostile)
        page.keyboard.press("Enter")
        page.locator("#hypotheses strong", has_text="<img").first.wait_for()
        assert HOSTILE in page.locator("#status").inner_text()
        assert page.locator("main img, main script").count() == 0
        assert page.title() == "Arbiter playground"
        assert fits(page)


def test_a_refused_call_is_said(browser, url):
    context = browser.new_context()  # a browser notes a status of 400 on its console
    page = context.new_page()
    page.goto(url)
    page.keyboard.type("x" * 5000)
    page.keyboard.press("Enter")
    page.locator("#problem", has_text="utterance").wait_for()
    assert not page.locator("#answer").is_visible()
    context.close()


def test_a_key_is_asked_for_and_not_kept(browser, serving):
    with RouterServer(InProcess(serving), RouterOptions(api_key="open sesame")) as locked:
        context = browser.new_context()
        page = context.new_page()
        page.goto(f"http://{locked.http_address}/")
        assert not page.locator("#key").is_visible()
        page.keyboard.type(ASKED)
        page.keyboard.press("Enter")
        page.locator("#problem", has_text="x-api-key").wait_for()
        ask(page, "open sesame")  # the key's field has the focus now
        assert page.locator("#problem").inner_text() == ""
        assert page.evaluate("localStorage.length + sessionStorage.length") == 0
        assert context.cookies() == []
        page.reload()
        assert page.locator("#key").input_value() == ""
        context.close()


def test_a_screen_reader_finds_its_way(browser, url):
    with visit(browser, url, own_origin=True) as page:
        ask(page, ASKED)
        tree = page.locator("body").aria_snapshot()
        for part in (
            'textbox "Request"',
            'button "Route"',
            'status: "Accepted',
            'region "Hypotheses"',
            "alert",
        ):
            assert part in tree, tree
        assert page.evaluate("document.activeElement.id") == "utterance"
