import msgspec
import pytest

from components.hyprank.options import HypRankOptions


@pytest.mark.parametrize(
    "change",
    [
        {"loss": "triple"},
        {"context": "all"},
        {"order": "none"},
        {"epochs": 0},
        {"batch_size": 0},
        {"learning_rate": 0.0},
        {"dropout": 1.0},
        {"vector_dropout": 1.0},
        {"confidence": -0.1},
    ],
)
def test_bad_options_are_refused(change):
    (name,) = change
    with pytest.raises(ValueError, match=f"`{name}`"):
        HypRankOptions(**change)


def test_options_round_trip():
    options = HypRankOptions(loss="pair", batch_size=7)
    assert msgspec.json.decode(msgspec.json.encode(options), type=HypRankOptions) == options
