import pytest

from components.shortlister.learning_loop.options import LearningLoopOptions


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("rule", "both"), ("likely", 0.0),
        ("p", 0), ("r", 0), ("epochs", 0), ("window", "last"), ("cross_fit", "yes"), ("pseudo_weight", -1.0),
        ("gamma_max", -0.1), ("memorised", 1.0), ("precision", 0.0), ("rate_share", 0.0), ("rate_share", 2.0),
    ],
)  # fmt: skip
def test_a_value_outside_its_range_is_named(field, value):
    with pytest.raises(ValueError, match=f"`{field}` must .*Received: {field}={value}"):
        LearningLoopOptions(**{field: value})


@pytest.mark.parametrize(
    "switch", ["pseudo_labels", "negative_feedback", "self_distillation", "semi_supervised"]
)
def test_any_switch_asks_for_the_second_phase(switch):
    off = dict.fromkeys(
        ["pseudo_labels", "negative_feedback", "self_distillation", "semi_supervised"], False
    ) | {"gamma_max": 0.5}
    assert not LearningLoopOptions(**off).active
    assert LearningLoopOptions(**off | {switch: True}).active


def test_failures_that_do_not_gain_weight_need_no_second_phase():
    assert not LearningLoopOptions(negative_feedback=True, gamma_first=1.0, gamma_max=0.0).active
