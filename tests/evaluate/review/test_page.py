"""The page: whole, self-contained, escaped, whatever it is given."""

import json
import re
from html.parser import HTMLParser

import msgspec
import pytest

from components.evaluate.drift import write_drift
from components.evaluate.evaluation import Evaluation, read_evaluation, write_evaluation
from components.evaluate.judgement import ANSWERABLE, Judgement
from components.evaluate.options import ReviewOptions, Thresholds
from components.evaluate.review.cards import card, rows
from components.evaluate.review.confusions import Confusion
from components.evaluate.review.found import Cards, Found, read_found
from components.evaluate.review.page import SECTIONS, render, write_review
from components.evaluate.verdict import decide
from components.records.drift import Drift
from components.records.verdict import write_verdict
from tests.evaluate.measured import evaluation_of, metrics_of
from tests.evaluate.review.made_up import made_up
from tests.evaluate.world import HOSTILE, world, write_predictions

OPTIONS = ReviewOptions()
LINKS = {"src", "href", "srcset", "action", "data", "poster"}
VOID = {"meta", "link", "br", "hr", "img", "input"}


class Page(HTMLParser):
    """Checks that every element is closed, and collects tags and attributes."""

    def __init__(self, text):
        super().__init__()
        self.open, self.seen = [], []
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        self.seen.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.seen.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def count(self, tag):
        return sum(name == tag for name, _ in self.seen)


def page_of(judgements, slices=None, confused=(), cards=Cards(), options=OPTIONS):  # noqa: B008 (frozen)
    found = evaluation_of(judgements, slices)
    verdict = decide(found, Thresholds())
    return render(Found(evaluation=found, verdict=verdict, confused=confused, cards=cards, options=options))


def test_with_nothing_at_all():
    empty = Evaluation(split="test", slices={})
    text = render(Found(evaluation=empty, verdict=decide(empty, Thresholds())))
    assert "No request of test could be measured" in text
    assert "Not blessed" in text
    Page(text)


def test_with_one_request():
    text = page_of([Judgement(ANSWERABLE, 1, 1, "a", "a", 0.9)])
    page = Page(text)
    assert page.count("svg") == 3
    assert "nan" not in re.sub(r"<script>.*?</script>", "", text, flags=re.DOTALL).lower().split()


def test_hostile_names_are_text():
    text = page_of(
        [Judgement(ANSWERABLE, 0, 0, HOSTILE, HOSTILE, 0.9)],
        slices={f"domain:{HOSTILE}": metrics_of([Judgement(ANSWERABLE, 1, 1, "a", "a", 0.9)] * 50)},
        confused=[
            Confusion(
                truth=HOSTILE, predicted='"><img src=x>', count=2, examples=(HOSTILE, "</ul>", "{{ 7*7 }}")
            )
        ],
        cards=Cards(data=[(HOSTILE, HOSTILE)], training=rows({HOSTILE: {"&": "<b>"}})),
        options=ReviewOptions(title=HOSTILE, command=f"arbiter run {HOSTILE}"),
    )
    page = Page(text)
    assert HOSTILE not in text
    assert page.count("script") == 1
    assert page.count("img") == 0
    assert text.count("&lt;script&gt;") >= 8
    assert "{{ 7*7 }}" in text


def test_it_asks_nothing_of_the_network():
    text = page_of([Judgement(ANSWERABLE, 1, 1, "a", "a", 0.9)])
    assert "http:" not in text
    assert "https:" not in text
    assert "url(" not in text
    links = [
        value for _, attributes in Page(text).seen for name, value in attributes.items() if name in LINKS
    ]
    assert links
    assert all(link.startswith("#") for link in links)


def test_tables_have_captions_and_headings_and_sections_names():
    page = Page(
        page_of(
            [Judgement(ANSWERABLE, 1, 1, "a", "a", 0.9)],
            confused=[Confusion(truth="a", predicted="b", count=1)],
        )
    )
    assert page.count("caption") == page.count("table") >= 8
    ids = {attributes.get("id") for _, attributes in page.seen}
    assert all(a["aria-labelledby"] in ids for tag, a in page.seen if tag == "section")
    assert all(a["aria-label"] for tag, a in page.seen if tag == "svg")
    assert all(a.get("scope") for tag, a in page.seen if tag == "th")


@pytest.mark.parametrize(("domains", "slices"), [(30, 400), (4000, 10_000)])
def test_a_large_run_stays_under_five_megabytes(domains, slices):
    """40,000 skills, in as many domains as there may be."""
    text = render(made_up(domains=domains, slices=slices))
    assert len(text.encode()) < 5_000_000
    assert ("9500 smaller ones are in metrics.json" in text) is (slices == 10_000)
    assert {f'id="{name}"' for name in SECTIONS if f'id="{name}"' not in text} == {'id="drift"'}
    page = Page(text)
    assert page.count("caption") == page.count("table") > 20


def test_no_utterance_is_shown_where_none_may_be():
    shown = made_up()
    hidden = msgspec.structs.replace(shown, options=ReviewOptions(max_examples=0))
    said = shown.confused[0].examples[0]
    assert said in render(shown)
    assert said not in render(hidden)


@pytest.mark.parametrize("shown", [0, 2])
def test_the_page_is_built_from_what_the_nodes_left(tmp_path, shown):
    pairs = world(97, skill=0.5)
    write_predictions(tmp_path, "dev", pairs)
    judgements = [Judgement(ANSWERABLE, 1, 1, "a", "a", 0.9)]
    found = evaluation_of(judgements)
    write_evaluation(tmp_path, found)
    assert read_evaluation(tmp_path) == found
    write_verdict(tmp_path, decide(found, Thresholds()))
    write_drift(tmp_path, Drift(weeks=()))
    (tmp_path / "report.json").write_text(json.dumps({"dead": 3, "reasons": {"bad_json": 3}}))
    names = ("evaluation", "verdict", "predictions", "dead_letters", "model", "model_run")
    found = read_found(dict.fromkeys(names, tmp_path), ReviewOptions(max_examples=shown))
    write_review(tmp_path / "review.html", found)
    text = (tmp_path / "review.html").read_text()
    Page(text)
    assert "reasons.bad_json" in text
    assert "arbiter.json" in text
    assert any(known.request.utterance in text for known, _ in pairs) is bool(shown)


def test_cards_show_whatever_is_there(tmp_path):
    assert card(tmp_path, "training.json") == [("training.json", "not there")]
    (tmp_path / "training.json").write_text("{")
    assert "cannot be read" in card(tmp_path, "training.json")[0][1]
    (tmp_path / "training.json").write_text("[1]")
    assert card(tmp_path, "training.json") == [("training.json", "holds no object")]
    (tmp_path / "training.json").write_text(
        json.dumps({"a": {"b": None, "c": list(range(9))}, "skip": 1, "e": {}, "f": [{"g": 1}, {"g": 2}]})
    )
    assert card(tmp_path, "training.json", frozenset({"skip"})) == [
        ("a.b", "null"),
        ("a.c", "0, 1, …, 8 (9 values)"),
        ("e", "{}"),
        ("f.number", "2"),
        ("f.last.g", "2"),
    ]
    assert len(rows({str(n): n for n in range(999)})) == 201
    assert len(rows({"a": "x" * 999})[0][1]) == 300
