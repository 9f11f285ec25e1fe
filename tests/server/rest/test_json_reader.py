"""JSON in: RapidJSON's rules, words and offsets (v1.1.0, the one in TF Serving)."""

import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.server.rest.json_reader import JsonError, _Reader, read_json

ERRORS = {
    b"": ("The document is empty.", 0),
    b"  \n": ("The document is empty.", 3),
    b"}": ("The document is empty.", 0),
    b"instances": ("Invalid value.", 0),
    b"{": ("Missing a name for object member.", 1),
    b"{1:2}": ("Missing a name for object member.", 1),
    b'{"a":1,}': ("Missing a name for object member.", 7),
    b'{"a" 1}': ("Missing a colon after a name of object member.", 5),
    b'{"a":1 "b"}': ("Missing a comma or '}' after an object member.", 7),
    b'{"a":[1 2]}': ("Missing a comma or ']' after an array element.", 8),
    b'{"a":[1,]}': ("Invalid value.", 8),
    b'{"a":[1,2': ("Missing a comma or ']' after an array element.", 9),
    b'{"a":[1,': ("Invalid value.", 8),
    b'{"a":nul}': ("Invalid value.", 8),
    b'{"a":tru': ("Invalid value.", 8),
    b'{"a":-}': ("Invalid value.", 6),
    b'{"a":Infinit}': ("Invalid value.", 12),
    b'{"a":1.}': ("Miss fraction part in number.", 7),
    b'{"a":1e}': ("Miss exponent in number.", 7),
    b'{"a":1e999}': ("Number too big to be stored in double.", 5),
    b'{"a":' + b"9" * 400 + b"}": ("Number too big to be stored in double.", 5),
    b'{"a":01}': ("Missing a comma or '}' after an object member.", 6),
    b'{"a":"b': ("Missing a closing quotation mark in string.", 7),
    b'{"a":"b\nc"}': ("Invalid encoding in string.", 7),
    b'{"a":"b\\x"}': ("Invalid escape character in string.", 7),
    b'{"a":"b\\u12g4"}': ("Incorrect hex digit after \\u escape in string.", 7),
    b'{"a":"\\ud800x"}': ("The surrogate pair in string is invalid.", 6),
    b'{"a":"\\ud800\\u0041"}': ("The surrogate pair in string is invalid.", 6),
    b'{"a":1\x00}': ("Missing a comma or '}' after an object member.", 6),
}


@pytest.mark.parametrize("body", ERRORS)
def test_an_error_has_rapidjsons_words_and_offset(body):
    message, offset = ERRORS[body]
    with pytest.raises(JsonError) as error:
        read_json(body)
    assert str(error.value) == f"{message} at offset: {offset}"


VALUES = {
    b'\xef\xbb\xbf{"a": 1}': {"a": 1},
    b'{"a": 1} rest': {"a": 1},
    b'{"a": 1, "a": 2}': {"a": 1},  # the first counts
    b'{"a":-1 , "a":2}{"b": NaN': {"a": -1},
    b'{"a":[-Inf,Inf,Infinity,-Infinity]}': {"a": [-math.inf, math.inf, math.inf, -math.inf]},
    b'{"a":"\\ud83d\\ude00\\/\\u00e4"}': {"a": "\U0001f600/ä"},
    b'{"a":"\xff"}': {"a": "\udcff"},
    b'{"a":"\\udc00"}': {"a": b"\xed\xb0\x80".decode(errors="surrogateescape")},
    b'{"a":18446744073709551615,"b":-0,"c":1e2,"d":9e307}': {
        "a": 2**64 - 1,
        "b": 0,
        "c": 100.0,
        "d": 9e307,
    },
    b'{"a":1e0000000000000002}': {"a": 100.0},
    b'{"a":[],"b":{},"c":[{}]}': {"a": [], "b": {}, "c": [{}]},
}


@pytest.mark.parametrize("body", VALUES)
def test_values(body):
    for value in (read_json(body), _Reader(body).read()):
        assert value == VALUES[body]
        assert json.dumps(value) == json.dumps(VALUES[body])  # 1 is not 1.0


def test_nan():
    assert math.isnan(read_json(b'{"a":NaN}')["a"])
    assert math.isnan(read_json(b'{"a":-NaN}')["a"])


def test_any_depth():
    deep = b"[" * 100_000 + b"]" * 100_000
    assert read_json(b'{"a":1,"deep":' + deep + b"}")["a"] == 1
    with pytest.raises(JsonError, match=r"Invalid value\. at offset: 100005"):
        read_json(b'{"a":' + b"[" * 100_000)


documents = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**64 - 1) | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@given(st.dictionaries(st.text(), documents, max_size=4), st.booleans(), st.sampled_from([None, 1, "\t"]))
def test_both_ways_of_reading_agree_with_python(document, escape, indent):
    body = json.dumps(document, ensure_ascii=escape, indent=indent).encode(errors="surrogatepass")
    expected = json.loads(body)
    assert read_json(body) == expected
    assert _Reader(body).read() == expected


@given(st.lists(st.sampled_from([*b'{}[]:,"\\u0d8e1.-+InfNaNtrue \x00\xff']), max_size=30).map(bytes))
def test_what_is_no_json_is_refused_and_nothing_else_happens(body):
    results = []
    for read in (read_json, lambda body: _Reader(body).read()):
        try:
            results.append(repr(read(body)))
        except JsonError as error:
            results.append(str(error))
    assert results[0] == results[1]
