"""The playground as it is served: one page, that lets in nothing but its own style and script."""

import base64
import hashlib
import re

import httpx
import pytest

from components.router.service.playground.page import playground


@pytest.fixture(scope="module")
def served(router):
    return httpx.get(f"http://{router.http_address}/")


def test_it_is_one_small_page(served):
    assert served.status_code == 200
    assert served.headers["content-type"] == "text/html; charset=utf-8"
    assert served.content == playground().html
    assert len(served.content) < 32_000


def test_it_names_no_other_address(served):
    assert re.findall(r"https?:|//[a-z]|@import|url\(", served.text) == []
    assert set(re.findall(r'(?:src|href|action)="([^"]*)"', served.text)) == {"data:,"}


def test_nothing_but_its_own_style_and_script_may_run(served):
    policy = dict(part.split(" ", 1) for part in served.headers["content-security-policy"].split("; "))
    assert policy["default-src"] == policy["base-uri"] == policy["form-action"] == "'none'"
    assert policy["connect-src"] == "'self'"
    for tag in ("style", "script"):
        (text,) = re.findall(f"<{tag}>(.*?)</{tag}>", served.text, re.DOTALL)
        digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        assert policy[f"{tag}-src"] == f"'sha256-{digest}'"
    assert served.headers["x-content-type-options"] == "nosniff"


def test_data_is_put_in_as_text(served):
    assert re.findall(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(", served.text) == []
    assert re.findall(r"localStorage|sessionStorage|cookie", served.text) == []


def test_every_field_has_a_label(served):
    fields = set(re.findall(r'<input id="([^"]+)"', served.text))
    assert fields == set(re.findall(r'<label for="([^"]+)"', served.text))
