"""The pieces of ingest on their own."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.ingest.blocks import Block, blocks
from components.ingest.duplicates import IDENTITY, Repeat, repeats
from components.ingest.lines import lines
from components.ingest.options import GateOptions, IngestOptions
from components.ingest.report import FileCount, report_of
from components.ingest.rows import place_of, position_of
from components.ingest.spill import Spill, load


@given(
    st.lists(
        # neither the end of a line nor the first byte of a mark that a file may begin with (BOM, gzip)
        st.binary(max_size=9).map(lambda line: line.translate(None, b"\n\xef\x1f")),
        max_size=20,
    ),
    st.integers(1, 40),
    st.booleans(),
)
def test_blocks_of_any_size_hold_every_line_once(tmp_path_factory, content, block_bytes, ended):
    path = tmp_path_factory.mktemp("lines") / "a.jsonl"
    path.write_bytes(b"\n".join(content) + (b"\n" if ended else b""))
    cut = blocks([path], block_bytes)
    assert [line for block in cut for line in lines(block) if line] == [line for line in content if line]
    assert sum(len(list(lines(block))) for block in cut) == len(path.read_bytes().split(b"\n")) - (
        path.read_bytes()[-1:] in (b"\n", b"")
    )


def test_an_over_long_line_is_cut_and_the_next_is_whole(tmp_path):
    path = tmp_path / "a.jsonl"
    path.write_bytes(b"a" * 3_500_000 + b"\nnext")
    first, second = lines(Block(index=0, path=str(path), kind="lines", start=0, end=path.stat().st_size))
    assert 1_000_000 < len(first) < 2_100_000
    assert second == b"next"


@given(st.integers(0, 2**24 - 2), st.integers(0, 2**40 - 1))
def test_positions_order_by_block_then_number(block, number):
    assert place_of(position_of(block, number)) == (block, number)
    assert position_of(block, number) < position_of(block + 1, 0) < 2**64


def test_repeats_are_all_but_the_first_of_an_id():
    rows = [  # id, content, partition, position
        ((1, 1), (7, 7), 5, 30),
        ((1, 2), (7, 7), 3, 10),
        ((1, 1), (7, 7), 5, 20),
        ((1, 1), (7, 8), 2, 40),
        ((2, 1), (9, 9), 2, 50),
    ]
    identities = np.array([(a, b, c, 0, d) for a, b, c, d in rows], IDENTITY)
    assert repeats(identities) == [Repeat(5, 30, True), Repeat(2, 40, False)]
    assert repeats(identities[:0]) == []


def test_spilled_records_come_back_in_order(tmp_path):
    spill = Spill(tmp_path, limit=100)
    for i in range(50):
        spill.add(i % 3, i, 10)
    segments = spill.close()
    assert len(segments) > 3
    for key in range(3):
        found = [record for owner, segment in segments if owner == key for record in load(segment, int)]
        assert found == list(range(key, 50, 3))


def test_nothing_spilled_writes_nothing(tmp_path):
    assert Spill(tmp_path / "none").close() == []
    assert not (tmp_path / "none").exists()


def test_a_lost_record_is_found_out():
    tally = {("in",): 3, ("out", "train"): 1, ("dead", "nul"): 1}
    with pytest.raises(RuntimeError, match="in 3 must equal out 1"):
        report_of(tally, [FileCount(file="a", records=3)], [], read=3)


@pytest.mark.parametrize(
    "make",
    [
        lambda: IngestOptions(requests=()),
        lambda: IngestOptions(block_bytes=0),
        lambda: IngestOptions(partition_bytes=-1),
        lambda: GateOptions(max_bad_share=1.5),
        lambda: GateOptions(max_anomalies=-1),
        lambda: GateOptions(min_train=-1),
    ],
)
def test_options_refuse_what_makes_no_sense(make):
    with pytest.raises(ValueError, match="Received"):
        make()
