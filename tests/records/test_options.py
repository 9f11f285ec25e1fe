"""A node's JSON is read into its struct; an error names the parameter, the rule and the value."""

import re

import msgspec
import pytest

from components.records.options import read_options


class Sizes(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    depth: int = 1

    def __post_init__(self):
        if self.depth < 1:
            raise ValueError(f"`depth` must be positive. Received: depth={self.depth}")


def test_fields_left_out_have_their_defaults():
    assert read_options("{}", Sizes) == Sizes(1)
    assert read_options('{"depth": 3}', Sizes) == Sizes(3)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ('{"depth": "deep"}', "Expected `int`, got `str` - at `$.depth`"),
        ('{"deepth": 3}', "unknown field `deepth`"),
        ('{"depth": 0}', "`depth` must be positive. Received: depth=0"),
        ("{", "truncated"),
        ("", "truncated"),
        ("[]", "Expected `object`, got `array`"),
    ],
)
def test_errors_name_the_parameter_the_rule_and_the_value(text, reason):
    expected = "`change` must be JSON of Sizes: .*" + re.escape(reason) + ".*" + re.escape(f"change={text}")
    with pytest.raises(ValueError, match=expected):
        read_options(text, Sizes, name="change")


class Grow(msgspec.Struct, frozen=True, tag="grow"):
    by: int


class Cut(msgspec.Struct, frozen=True, tag="cut"):
    pass


def test_one_of_several_structs():
    assert read_options('{"type": "grow", "by": 2}', Grow | Cut) == Grow(2)
    with pytest.raises(ValueError, match=r"`options` must be JSON of Grow or Cut: Invalid value 'turn'"):
        read_options('{"type": "turn"}', Grow | Cut)
