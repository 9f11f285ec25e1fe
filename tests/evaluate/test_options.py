import pytest

from components.evaluate.options import EvaluateOptions


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"resamples": -1}, "`resamples` must not be negative"),
        ({"min_slice": 0}, "`min_slice` must be at least 1"),
        ({"min_interval": 0}, "`min_interval` must be at least 1"),
        ({"precisions": (0.9, 1.1)}, r"`precisions` must be in \(0, 1\]\. Received: 1\.1"),
        ({"crosses": (("device", "device"),)}, "`crosses` must be pairs of different features"),
        ({"crosses": (("device", "colour"),)}, "`crosses` must be pairs of different features"),
    ],
)
def test_a_wrong_option_is_named_with_its_rule_and_value(options, said):
    with pytest.raises(ValueError, match=said):
        EvaluateOptions(**options)
