"""HWU64 (Liu et al. 2019, https://arxiv.org/abs/1903.05566): requests to a home assistant, 64 intents."""

import csv
import hashlib
import io
import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path

from components.importers.source import Dropped, SourceError, read_bytes, request_or_dropped
from components.records.request import Request, Slot
from components.records.skill import Intent, Skill

_COLUMNS = ("answerid", "scenario", "intent", "answer_annotation")
_MARK = re.compile(r"\[\s*([^:\[\]]+?)\s*:\s*([^\[\]]*?)\s*\]")
_SPLIT = re.compile(r"(?:^|[_\-])(train|dev|test)(?:set)?\.csv$")
_REPEAT = "#"


def hwu64_fold(answerid: str) -> int:
    """Fold 0 to 9 of a row, by SHA-256 of its answerid: benchmarks test on fold 0 and develop on fold 1.

    >>> hwu64_fold("15605") in range(10)
    True
    """
    return int(hashlib.sha256(answerid.encode()).hexdigest(), 16) % 10


def answerid_of(request_id: str) -> str:
    """The answerid in an imported request's id.

    >>> answerid_of("562#2")
    '562'
    """
    return request_id.partition(_REPEAT)[0]


def read_annotation(annotation: str) -> tuple[str, tuple[Slot, ...]] | None:
    """The utterance of a `[slot : value]` annotation and its slots; None where brackets do not pair up.

    >>> read_annotation("wake me at [time : five am]")[0]
    'wake me at five am'
    """
    pieces: list[str] = []
    slots = []
    length = at = 0
    text = annotation.strip()
    for mark in _MARK.finditer(text):
        plain, value = text[at : mark.start()], mark[2]
        start = length + len(plain)
        length, at = start + len(value), mark.end()
        pieces += (plain, value)
        if value:
            slots.append(Slot(name=mark[1], value=value, start=start, end=length))
    pieces.append(text[at:])
    utterance = "".join(pieces)
    return None if "[" in utterance or "]" in utterance else (utterance, tuple(slots))


class Hwu64:
    """Reads every `*.csv` of the folder: semicolons, with the native header.

    Args:
        src: The set's own folder.

    Raises:
        SourceError: There is no CSV, or one lacks a column or has a row of another length.
    """

    licence = "CC BY 4.0. NLU-Evaluation-Data (HWU64), Liu, Eshghi, Swietojanski, Rieser, IWSDS 2019."
    rules = (
        "A skill is scenario_intent, a domain a scenario; the request's intent is the set's intent.",
        "The utterance is answer_annotation without its brackets, so that slots have exact spans.",
        "request_id is the answerid; the set uses some answerids for several sentences, and the second one "
        "in reading order becomes answerid#2, the third answerid#3.",
        "The split is in the file's name (…_train.csv); a file that names none is not pinned.",
        "Rows with an empty annotation, or with brackets that do not pair up, are dropped and counted.",
        "A skill's slots are those that its rows have.",
    )

    def __init__(self, src: Path) -> None:
        self._files = sorted(src.glob("*.csv"))
        if not self._files:
            raise SourceError(src, "", "must hold the set's CSV, such as KFold_1_train.csv")

    def skills(self) -> list[Skill]:
        slots: dict[tuple[str, str], set[str]] = defaultdict(set)
        for path in self._files:
            for row in _rows(path):
                read = read_annotation(row["answer_annotation"])
                slots[row["scenario"], row["intent"]].update(slot.name for slot in (read[1] if read else ()))
        return [
            Skill(
                skill_id=f"{scenario}_{intent}",
                domain=scenario,
                name=f"{scenario} {intent}".replace("_", " "),
                intents=(Intent(name=intent, slots=tuple(sorted(names))),),
            )
            for (scenario, intent), names in sorted(slots.items())
        ]

    def splits(self) -> tuple[str, ...]:
        found = (_split(path) for path in self._files)
        return tuple(sorted({split for split in found if split is not None}))

    def requests(self) -> Iterator[Request | Dropped]:
        seen: Counter[str] = Counter()
        for path in self._files:
            split = _split(path)
            for row in _rows(path):
                read = read_annotation(row["answer_annotation"])
                if read is None:
                    yield Dropped("annotation_brackets", split)
                    continue
                answerid = row["answerid"]
                seen[answerid] += 1
                repeat = f"{_REPEAT}{seen[answerid]}" if seen[answerid] > 1 else ""
                yield request_or_dropped(
                    request_id=answerid + repeat,
                    utterance=read[0],
                    skill_id=f"{row['scenario']}_{row['intent']}",
                    intent=row["intent"],
                    slots=read[1],
                    split=split,
                )


def _split(path: Path) -> str | None:
    found = _SPLIT.search(path.name)
    return found[1] if found else None


def _rows(path: Path) -> Iterator[dict[str, str]]:
    try:
        text = read_bytes(path).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise SourceError(path, f"byte {error.start}", "must be UTF-8") from error
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=";", strict=True)
    try:
        header = next(reader, [])
        missing = [name for name in _COLUMNS if name not in header]
        if missing:
            raise SourceError(
                path, "line 1", f"must have the columns {', '.join(_COLUMNS)}; lacks {', '.join(missing)}"
            )
        for values in reader:
            row = dict(zip(header, values, strict=False))
            if len(values) != len(header):
                rule = f"must have {len(header)} columns, has {len(values)}"
                raise SourceError(path, f"line {reader.line_num}", rule)
            empty = [name for name in _COLUMNS[:3] if not row[name].strip()]
            if empty:
                raise SourceError(path, f"line {reader.line_num}", f"`{empty[0]}` must not be empty")
            yield row
    except csv.Error as error:
        raise SourceError(path, f"line {reader.line_num}", f"must be CSV: {error}") from error
