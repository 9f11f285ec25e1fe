"""TFRecord files, against TensorFlow's own reader and writer."""

import pytest
import tensorflow as tf

from components.records.tfrecord import read_records, write_records

RECORDS = [b"", b"a", b"x" * 3_000_000]


@pytest.mark.parametrize(("name", "compression"), [("a.gz", "GZIP"), ("a", "")])
def test_tensorflow_reads_and_writes_the_same(tmp_path, name, compression):
    path = tmp_path / "new" / name
    write_records(path, iter(RECORDS))
    assert list(tf.data.TFRecordDataset(str(path), compression).as_numpy_iterator()) == RECORDS
    with tf.io.TFRecordWriter(str(path), compression) as writer:
        for record in RECORDS:
            writer.write(record)
    assert list(read_records(path)) == RECORDS


def test_equal_records_give_equal_files(tmp_path):
    for name in ("one", "two"):
        write_records(tmp_path / name / "a.gz", RECORDS)
    assert (tmp_path / "one" / "a.gz").read_bytes() == (tmp_path / "two" / "a.gz").read_bytes()


def test_a_failed_write_leaves_nothing(tmp_path):
    def records():
        yield b"a"
        raise RuntimeError("stopped")

    with pytest.raises(RuntimeError, match="stopped"):
        write_records(tmp_path / "a.gz", records())
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "change", [lambda data: data[:-9], lambda data: data[:30], lambda data: data[:30] + b"?" * 9, bytes.upper]
)
def test_a_damaged_gzip_file_is_named(tmp_path, change):
    path = tmp_path / "a.gz"
    write_records(path, [bytes(range(256)) * 9])
    path.write_bytes(change(path.read_bytes()))
    with pytest.raises(ValueError, match=r"a\.gz is no complete (gzip|TFRecord) file"):
        list(read_records(path))


@pytest.mark.parametrize(
    "change", [lambda data: data[:-1], lambda data: data[:-1] + b"\0", lambda data: b"\1" + data]
)
def test_damage_is_found(tmp_path, change):
    path = tmp_path / "a"
    write_records(path, [b"hello"])
    path.write_bytes(change(path.read_bytes()))
    with pytest.raises(ValueError, match="cut short or damaged"):
        list(read_records(path))
