import pytest

from components.simulate import SimulateOptions


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("skills", 0),
        ("skills", 200_001),
        ("domains", 0),
        ("customers", 0),
        ("requests", -1),
        ("days", 0),
        ("shard_requests", 0),
        ("seed", -1),
        ("overlap", 1.1),
        ("noise", -0.1),
        ("inclusion", 2.0),
        ("taste", float("nan")),
        ("private_templates", 1.01),
        ("enabled_mean", 0.5),
        ("zipf", 3.5),
        ("drift", -0.1),
    ],
)
def test_a_value_outside_its_range_is_refused_by_name_and_value(name, value):
    with pytest.raises(ValueError, match=rf"`{name}` must .*Received: {name}={value}"):
        SimulateOptions(**{name: value})


def test_outcomes_cannot_be_more_than_everything():
    with pytest.raises(ValueError, match="at most 1"):
        SimulateOptions(rejected=0.5, out_of_scope=0.4, unknown=0.2)
