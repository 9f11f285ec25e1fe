"""Slugs, normal forms, splits and atomic files."""

import re
from pathlib import Path

import pytest
from hypothesis import given

from components.records.atomic import atomic_write
from components.records.request import Request
from components.records.slug import slug, unslug
from components.records.splits import Shares, hashed_split, split_key, unit_hash
from components.records.text import normalise, tokens
from tests.records.strategies import text


@pytest.mark.parametrize(
    "domain", ["Home & Garden", "shortlister", "../x", "🎵", "a_b", "A", "a", ".", "CON", " "]
)
def test_slug_is_file_safe_and_reversible(domain: str) -> None:
    assert re.fullmatch(r"[a-z0-9_]+", slug(domain))
    assert unslug(slug(domain)) == domain


@given(text)
def test_slug_is_reversible(domain: str) -> None:
    assert unslug(slug(domain)) == domain


@pytest.mark.parametrize("bad", ["_", "a_zz_", "_6_", "_61_", "A"])
def test_what_is_no_slug_is_refused(bad: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 (bytes.fromhex words its own message)
        unslug(bad)


def test_empty_domain_has_no_slug() -> None:
    with pytest.raises(ValueError, match="must not be empty"):
        slug("")


@given(text)
def test_normal_form_is_stable(utterance: str) -> None:
    assert normalise(normalise(utterance)) == normalise(utterance)


def test_tokens_drop_punctuation() -> None:
    assert tokens("Play “Mary Poppins”, please!") == ["play", "mary", "poppins", "please"]


def test_customer_decides_the_split_where_there_is_one() -> None:
    a = Request(request_id="1", utterance="one", customer_id="c")
    b = Request(request_id="2", utterance="two", customer_id="c")
    assert split_key(a) == split_key(b)
    assert split_key(Request(request_id="3", utterance="Hi  there")) == split_key(
        Request(request_id="4", utterance="hi there")
    )


def test_shares_are_met() -> None:
    splits = [hashed_split(f"c:{i}", Shares(rank=0.2, dev=0.1, test=0.1)) for i in range(20_000)]
    share = {name: splits.count(name) / len(splits) for name in ("train", "rank", "dev", "test")}
    assert share == pytest.approx({"train": 0.64, "rank": 0.16, "dev": 0.1, "test": 0.1}, abs=0.01)


def test_salts_are_independent() -> None:
    both = [unit_hash(f"k{i}", "split") < 0.5 and unit_hash(f"k{i}", "rank") < 0.5 for i in range(20_000)]
    assert sum(both) / len(both) == pytest.approx(0.25, abs=0.02)


@pytest.mark.parametrize("shares", [{"dev": -0.1}, {"rank": 1.0}, {"dev": 0.6, "test": 0.5}])
def test_bad_shares_are_refused(shares: dict[str, float]) -> None:
    with pytest.raises(ValueError, match="must"):
        Shares(**shares)


def test_atomic_write_replaces_and_leaves_no_draft(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "file.json"
    atomic_write(path, "one")
    atomic_write(path, b"two")
    assert path.read_bytes() == b"two"
    assert [p.name for p in path.parent.iterdir()] == ["file.json"]
