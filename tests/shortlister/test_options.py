import re
from pathlib import Path

import msgspec
import pytest
import yaml

from components.shortlister.learning_loop.options import LearningLoopOptions
from components.shortlister.options import CHOICES, PRECISIONS, ShortlisterOptions

DOCS = Path(__file__).parents[2] / "docs"
PAGES = ("shortlister", "teacher", "catalogue_text", "learning_loop", "refusal")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("personalisation", "some"),
        ("epochs", 0),
        ("batch_size", 0),
        ("dropout", 1.0),
        ("learning_rate", 0.0),
        ("random_lists", 1.1),
        ("ranking", -1.0),
        ("gram_buckets", 1),
        ("seed", -1),
        ("seed", 1 << 32),
    ],
)
def test_bad_values_are_named(name, value):
    with pytest.raises(ValueError, match=f"`{name}` must .* Received: {name}="):
        ShortlisterOptions(**{name: value})


def test_a_distilled_attention_must_be_supervised():
    with pytest.raises(ValueError, match=r"`attention_supervision` must be positive .* Received: .*=0\.0"):
        ShortlisterOptions(attention_distillation=True)
    assert ShortlisterOptions(attention_distillation=True, attention_supervision=0.01)


def test_json_round_trip_and_unknown_fields():
    options = ShortlisterOptions(seed=3, personalisation="flag")
    assert msgspec.json.decode(msgspec.json.encode(options), type=ShortlisterOptions) == options
    with pytest.raises(msgspec.ValidationError, match="unknown field `sede`"):
        msgspec.json.decode(b'{"sede": 3}', type=ShortlisterOptions)


def test_sizes_grow_with_the_data_and_what_is_set_stays():
    small, large = ShortlisterOptions().sized(100), ShortlisterOptions().sized(1_000_000)
    assert small.batch_size < large.batch_size
    assert small.gram_buckets < large.gram_buckets
    assert small.epochs > large.epochs
    assert small.utterance_size == small.gram_size > large.utterance_size == large.gram_size
    assert ShortlisterOptions(batch_size=7).sized(1_000_000).batch_size == 7


def test_every_option_and_every_choice_is_on_a_page():
    pages = "".join((DOCS / f"{name}.md").read_text(encoding="utf-8") for name in PAGES)
    names = {*ShortlisterOptions.__struct_fields__, *LearningLoopOptions.__struct_fields__}
    assert [name for name in sorted(names) if not re.search(f"`{name}[`:]", pages)] == []
    words = {word for name, words in CHOICES.items() for word in words if name != "teacher"} | {*PRECISIONS}
    assert [word for word in sorted(words) if f"`{word}`" not in pages] == []


def test_the_published_forms_on_the_page_can_be_set():
    page = (DOCS / "shortlister.md").read_text(encoding="utf-8")
    blocks = re.findall(r"^ {4}(shortlister: \{.*?\})", page, re.MULTILINE | re.DOTALL)
    forms = [msgspec.convert(yaml.safe_load(block)["shortlister"], ShortlisterOptions) for block in blocks]
    assert [form.heads for form in forms] == ["two_class", "sigmoid", "cosine"]
    assert [form.pointer for form in forms] == [False] * 3
