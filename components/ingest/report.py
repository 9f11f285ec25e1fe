"""The counts of one ingest, and the one equation that they must satisfy."""

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

import msgspec

from components.records.atomic import atomic_write
from components.records.request import SPLITS

REPORT = "report.json"
LETTERS = "dead_letters.jsonl"
SHOWN_LETTERS = 10

Tallied = Counter[tuple[str, ...]]
Tally = Mapping[tuple[str, ...], int]
"""What is counted (a tuple that begins with its name) to how often; tallies of parts add up."""


class Letter(msgspec.Struct, frozen=True, kw_only=True):
    """A line of `dead_letters.jsonl`: a refused record.

    Attributes:
        line: Line of a text file, row of a Parquet file, from 1.
        reason: What it is counted by.
        value: The start of what was there.
    """

    file: str
    line: int
    reason: str
    field: str
    rule: str
    value: str


class FileCount(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What one file held."""

    file: str
    records: int
    dead: int = 0
    note: str = ""


class Report(msgspec.Struct, kw_only=True, rename={"records_in": "in", "records_out": "out"}):
    """`report.json`: what came in and where it went.

    Attributes:
        span: How often the dataset's folder was read as it grew, this time included.
        read: Records that this time read; `in` counts all.
        left_out: Good records outside their split's time window; 0 unless the split is by time.
        bad_share: Dead over in.
        splits, customers: Records and customers by split.
        conflicts: Customers whose records ask for more than one split, and the records moved by it.
        skills: Records out by split and `skill_id`.
        with_recent: Records out that know what their customer used before.
    """

    span: int = 1
    read: int = 0
    records_in: int = 0
    records_out: int = 0
    dead: int = 0
    duplicates: int = 0
    left_out: int = 0
    bad_share: float = 0.0
    reasons: dict[str, int] = msgspec.field(default_factory=dict)
    splits: dict[str, int] = msgspec.field(default_factory=dict)
    customers: dict[str, int] = msgspec.field(default_factory=dict)
    conflicts: dict[str, int] = msgspec.field(default_factory=dict)
    with_recent: int = 0
    files: tuple[FileCount, ...] = ()
    first_letters: tuple[Letter, ...] = ()
    skills: dict[str, dict[str, int]] = msgspec.field(default_factory=dict)

    def check(self) -> None:
        """Raises `RuntimeError` where a record was lost or counted twice."""
        gone = self.records_out + self.dead + self.duplicates + self.left_out
        if self.records_in != gone or self.records_out != sum(self.splits.values()):
            raise RuntimeError(
                f"ingest lost count: in {self.records_in} must equal out {self.records_out} + "
                f"dead {self.dead} + duplicates {self.duplicates} + left out {self.left_out}, "
                f"and out the sum of {self.splits}"
            )

    def in_words(self) -> str:
        """The counts, reasons and first letters, for a person at a terminal."""
        lines = [
            f"{self.records_in} records read: {self.records_out} good, {self.dead} bad "
            f"({self.bad_share:.2%}), {self.duplicates} duplicates"
            + (f", {self.left_out} outside their split's time" if self.left_out else "")
            + (f"; {self.read} of them from new files" if self.span > 1 else "")
        ]
        lines += [f"  {count} × {reason}" for reason, count in Counter(self.reasons).most_common()]
        lines += [
            f"  {letter.file} line {letter.line}: {letter.field or 'the record'} {letter.rule}"
            + (f" (received {letter.value})" if letter.value else "")
            for letter in self.first_letters
        ]
        return "\n".join(lines)


def report_of(
    tally: Tally, files: Sequence[FileCount], letters: Sequence[Letter], *, span: int = 1, read: int
) -> Report:
    """The report that a tally adds up to. Raises `RuntimeError` where the counts do not agree.

    Args:
        span, read: As in `Report`.
    """

    tally = Counter(tally)

    def group(name: str) -> dict[str, int]:
        return {key[1]: count for key, count in sorted(tally.items()) if key[0] == name}

    records_in, dead = tally["in",], sum(group("dead").values())
    skills: dict[str, dict[str, int]] = {split: {} for split in SPLITS}
    for key, count in sorted(tally.items()):
        if key[0] == "skill":
            skills[key[1]][key[2]] = count
    splits = group("out")
    report = Report(
        span=span,
        read=read,
        records_in=records_in,
        records_out=sum(splits.values()),
        dead=dead,
        duplicates=tally["duplicate",],
        left_out=tally["left_out",],
        bad_share=dead / records_in if records_in else 0.0,
        reasons=group("dead"),
        splits={split: splits.get(split, 0) for split in SPLITS},
        customers={split: tally["customer", split] for split in SPLITS},
        conflicts=group("conflict"),
        with_recent=tally["with_recent",],
        files=tuple(files),
        first_letters=tuple(letters),
        skills=skills,
    )
    report.check()
    return report


def write_report(folder: Path, report: Report) -> None:
    """Writes `report.json` into the dead letters' folder."""
    atomic_write(folder / REPORT, msgspec.json.format(msgspec.json.encode(report), indent=2))


def read_report(folder: Path) -> Report:
    """The report in `folder`."""
    return msgspec.json.decode((folder / REPORT).read_bytes(), type=Report)
