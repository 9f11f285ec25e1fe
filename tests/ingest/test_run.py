"""Ingest end to end on small files: what comes in is out, dead, or a duplicate."""

import gzip
import json
import tempfile
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from components.records.catalogue import CatalogueError
from tests.ingest.dataset import (
    SKILLS,
    ingest_lines,
    jsonl,
    make_parallel_pipeline,
    request,
    run,
    write_dataset,
)

GOOD = jsonl(request("good", customer_id="c"))


def test_empty_splits_have_files(tmp_path):
    result = ingest_lines(tmp_path, GOOD)
    assert sum(result.report.splits.values()) == 1
    assert sorted(path.name for path in result.paths.examples.iterdir()) == [
        "Split-dev",
        "Split-rank",
        "Split-test",
        "Split-train",
    ]
    assert all(list(folder.glob("data_tfrecord-*.gz")) for folder in result.paths.examples.iterdir())
    assert not result.paths.spill.exists()


BAD_LINES = (
    (b'{"request_id": "a"}', "missing_field", "utterance"),
    (b'{"request_id": "a", "utterance": "x", "colour": 1}', "unknown_field", "colour"),
    (b'{"request_id": "a", "utterance": 5}', "wrong_type", "utterance"),
    (b'{"request_id": "a", "utterance": "x", "skill_id": "nobody"}', "unknown_skill", "skill_id"),
    (b'{"request_id": "a", "utterance": "x", "timestamp": "yesterday"}', "bad_timestamp", "timestamp"),
    (b'{"request_id": "a", "utterance": "\xff\xfe"}', "invalid_utf8", ""),
    (b'{"request_id": "a", "utterance": "x\\u0000"}', "nul", "utterance"),
    (b"\x00\x00\x00", "nul", ""),
    (b'{"request_id": "a", "utterance": "' + b"x" * 5000 + b'"}', "too_long", "utterance"),
    (b'{"request_id": "a", "utterance": "' + b"x" * 2_500_000 + b'"}', "too_long", ""),
    (b'{"request_id": "a", ', "not_json", ""),
    ('{"request_id": "a", "utterance": "x"}'.encode("utf-16"), "invalid_utf8", ""),
)


def test_a_bad_line_is_a_dead_letter_with_its_place(tmp_path):
    result = ingest_lines(tmp_path, GOOD + b"\n" + b"\n".join(line for line, _, _ in BAD_LINES))
    found = [(letter["line"], letter["reason"], letter["field"]) for letter in result.letters]
    assert found == [(3 + i, reason, field) for i, (_, reason, field) in enumerate(BAD_LINES)]
    assert {Path(letter["file"]).name for letter in result.letters} == {"a.jsonl"}
    assert max(len(letter["value"]) for letter in result.letters) < 200
    assert result.report.bad_share == len(BAD_LINES) / (len(BAD_LINES) + 1)


def test_byte_order_mark_and_windows_lines(tmp_path):
    result = ingest_lines(tmp_path, b"\xef\xbb\xbf" + GOOD.replace(b"\n", b"\r\n\r\n"))
    assert (result.report.records_in, result.report.records_out) == (1, 1)


@pytest.mark.parametrize("kept", [0.2, 0.5, 0.9])
def test_a_truncated_gzip_file_keeps_what_came_before(tmp_path, kept):
    lines = jsonl(*(request(f"r{i}", f"utterance {i} {i * 7919 % 104729}") for i in range(3000)))
    packed = gzip.compress(lines)
    data = write_dataset(tmp_path, {"b.jsonl": GOOD})
    (data / "requests" / "a.jsonl.gz").write_bytes(packed[: int(len(packed) * kept)])
    result = run(data, tmp_path / "out")
    assert result.report.reasons == {"truncated_file": 1}
    assert 3001 * kept * 0.5 < result.report.records_out < 3001
    assert result.letters[0]["line"] == result.report.records_out  # the good file has one more line


def test_no_file_content_raises(tmp_path):
    data = write_dataset(tmp_path, {"good.jsonl": GOOD, "empty.jsonl": b""})
    for name, content in {
        "noise.jsonl.gz": b"not gzip",
        "empty.jsonl.gz": b"",
        "noise.parquet": b"not parquet",
        "empty.parquet": b"",
        "gzip.jsonl": gzip.compress(jsonl(request("inside"))),
    }.items():
        (data / "requests" / name).write_bytes(content)
    result = run(data, tmp_path / "out")
    assert set(result.by_id) == {"good", "inside"}
    assert result.report.reasons == {"truncated_file": 3}
    notes = {Path(count.file).name: count.note for count in result.report.files}
    assert notes["empty.jsonl"] == notes["empty.jsonl.gz"] == "no record in it"


def test_parquet_rows(tmp_path):
    data = write_dataset(tmp_path, {})
    table = pa.table(
        {
            "request_id": ["a", "b", None, "d"],
            "utterance": ["play something", "drive home", "no id", "bad skill"],
            "timestamp": [datetime(2026, 1, 2, tzinfo=UTC), None, None, None],
            "enabled_skills": [["radio", "maps"], None, [], []],
            "context": [{"turn": 3}, None, None, None],
            "skill_id": ["radio", "maps", None, "nobody"],
        }
    )
    pq.write_table(table, data / "requests" / "a.parquet")
    result = run(data, tmp_path / "out")
    assert set(result.by_id) == {"a", "b"}
    assert result.by_id["a"]["context.turn"] == [3]
    assert result.by_id["a"]["enabled_skills"] == ["radio", "maps"]
    assert [(letter["line"], letter["reason"]) for letter in result.letters] == [
        (3, "missing_field"),
        (4, "unknown_skill"),
    ]


def test_many_blocks_give_what_one_block_gives(tmp_path):
    """Blocks may begin and end anywhere, also inside a line that is longer than a block."""
    records = [
        request(f"r{i}", f"utterance {'long ' * (i % 97)}{i}", customer_id=f"c{i % 7}") for i in range(300)
    ]
    lines = jsonl(*records).splitlines()
    content = b"\n".join(line + b"\n \n" * (i % 3) for i, line in enumerate(lines)) + b"\nnonsense"
    data = write_dataset(tmp_path / "data", {"a.jsonl": content, "b.jsonl": b"{}\n" + jsonl(request("last"))})
    whole = run(data, tmp_path / "whole")
    pieces = run(data, tmp_path / "pieces", block_bytes=131, partition_bytes=1 << 12)
    assert pieces.by_id == whole.by_id
    assert pieces.letters == whole.letters
    assert [letter["line"] for letter in whole.letters] == [content.count(b"\n") + 1, 1]
    assert len(list((pieces.paths.examples / "Split-train").iterdir())) > 5


def test_two_runs_write_equal_bytes_however_many_workers(tmp_path):
    content = jsonl(*(request(f"r{i}", customer_id=f"c{i % 5}", skill_id="radio") for i in range(50)))
    data = write_dataset(tmp_path / "data", {"a.jsonl": content, "b.jsonl": content + b"x\n"})
    options = {"block_bytes": 500, "partition_bytes": 2000}
    run(data, tmp_path / "one", **options)
    run(data, tmp_path / "two", runner=make_parallel_pipeline, **options)
    for folder in ("examples", "letters", "catalogue"):
        ours, theirs = (tmp_path / name / folder for name in ("one", "two"))
        files = [path.relative_to(ours) for path in sorted(ours.rglob("*")) if path.is_file()]
        assert files
        assert all((ours / file).read_bytes() == (theirs / file).read_bytes() for file in files)


def test_a_repeated_id_is_a_duplicate_or_a_dead_letter(tmp_path):
    """Null and absent, and the order of keys, are no difference; the first record of an id stays."""
    first = {"request_id": "a", "utterance": "play", "customer_id": "c"}
    same = {"customer_id": "c", "utterance": "play", "device": None, "request_id": "a"}
    other = {**first, "utterance": "stop"}
    elsewhere = {**first, "customer_id": "another"}
    data = write_dataset(
        tmp_path,
        {"a.jsonl": jsonl(first, other), "b.jsonl": jsonl(same, elsewhere, same, request("b", "play"))},
    )
    result = run(data, tmp_path / "out", block_bytes=64, partition_bytes=64)
    assert set(result.by_id) == {"a", "b"}
    assert result.by_id["a"]["utterance"] == ["play"]
    assert result.report.duplicates == 2
    assert result.report.reasons == {"duplicate_id": 2}
    places = [(Path(letter["file"]).name, letter["line"], letter["value"]) for letter in result.letters]
    assert places == [("a.jsonl", 2, "'a'"), ("b.jsonl", 2, "'a'")]


def test_globs_choose_the_files(tmp_path):
    data = write_dataset(tmp_path, {"jan.jsonl": jsonl(request("jan")), "feb.jsonl": jsonl(request("feb"))})
    assert set(run(data, tmp_path / "out", requests=("requests/f*.jsonl",)).by_id) == {"feb"}
    with pytest.raises(FileNotFoundError, match="no request files"):
        run(data, tmp_path / "out", requests=("requests/*.csv",))


def test_a_bad_catalogue_stops_with_every_bad_line(tmp_path):
    data = write_dataset(tmp_path, {"a.jsonl": GOOD}, [*SKILLS, {"skill_id": "x"}, SKILLS[0]])
    with pytest.raises(CatalogueError, match=r"line 4(.|\n)*line 5"):
        run(data, tmp_path / "out")


def test_nothing_left_stops_with_counts_and_reasons(tmp_path):
    with pytest.raises(ValueError, match=r"2 records read: 0 good, 2 bad(.|\n)*not_json(.|\n)*line 2"):
        ingest_lines(tmp_path, b"x\ny\n")


LINES = st.one_of(
    st.binary(max_size=40),
    st.text(max_size=20).map(lambda text: json.dumps({"request_id": "x", "utterance": text}).encode()),
    st.builds(
        lambda i, c, s: json.dumps(request(f"r{i}", customer_id=c, split=s)).encode(),
        st.integers(0, 5),
        st.sampled_from(["a", "b", None]),
        st.sampled_from(["train", "test", "dev", None, "night"]),
    ),
    st.just(b"\xef\xbb\xbf{}"),
    st.just(b""),
)


@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(LINES, max_size=30), st.binary(max_size=60), st.integers(1, 200))
def test_in_is_out_and_dead_and_duplicates_whatever_the_bytes(lines, noise, block_bytes):
    with tempfile.TemporaryDirectory() as folder:
        data = write_dataset(
            Path(folder), {"a.jsonl": b"\n".join(lines), "b.jsonl.gz": b"\n".join(lines), "z.jsonl": GOOD}
        )
        (data / "requests" / "c.jsonl.gz").write_bytes(noise)
        report, letters, splits, _ = run(data, Path(folder) / "out", block_bytes=block_bytes)
    assert report.records_in == report.records_out + report.dead + report.duplicates
    assert report.dead == len(letters) == sum(report.reasons.values())
    assert report.records_out == sum(map(len, splits.values()))
    assert report.records_in == sum(count.records for count in report.files)
    ids = [values["request_id"][0] for own in splits.values() for values in own]
    assert len(set(ids)) == len(ids)
