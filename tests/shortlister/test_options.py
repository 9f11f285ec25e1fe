import msgspec
import pytest

from components.shortlister.options import ShortlisterOptions


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
