"""The summary as Markdown, for a comment on a pull request."""

from collections.abc import Iterable, Sequence

from components.evaluate.summary import Change, Compared, Row, Summary

_MOST = 10
_ESCAPED = str.maketrans({"|": "\\|", "<": "&lt;", ">": "&gt;", "\n": " ", "`": "'", "@": "@\u200b"})
_WORDS = {"better": "▲ better", "worse": "▼ worse", "same": "no clear change", "": ""}


def markdown(summary: Summary, compared: Compared | None = None, broken: Sequence[str] = ()) -> str:
    """Verdict, what failed, the ten numbers, and how they compare with another system.

    Args:
        summary: Of the run.
        compared: With another system.
        broken: Limits of the caller that do not hold, in words.
    """
    head, _, rest = summary.words.partition(": ")
    parts = [f"### {'✅' if summary.blessed else '❌'} {_text(head)}", _text(rest)]
    refused = [f"{_text(each.model)}: {_text(each.words)}" for each in summary.models if not each.blessed]
    failed = [_text(check.reason) for check in summary.checks if not check.passed]
    for title, lines in (
        ("Refused", refused),
        ("Failed checks", failed),
        ("Limits", list(map(_text, broken))),
    ):
        if lines:
            more = [f"and {len(lines) - _MOST} more"] if len(lines) > _MOST else []
            parts.append("\n".join([f"**{title}**", "", *(f"- {line}" for line in (*lines[:_MOST], *more))]))
    parts.append(_table(("metric", "value", "95 % interval"), map(_row, summary.ten)))
    if compared is not None:
        parts.append(
            f"Against the other system, on the {compared.paired:,} requests that both have answered:"
            if compared.paired
            else "Against the other system, which has answered other requests; no interval can be given:"
        )
        parts.append(_table(("metric", "other", "this", "change", ""), map(_change, compared.changes)))
    return "\n\n".join(part for part in parts if part) + "\n"


def _row(row: Row) -> tuple[str, ...]:
    interval = "" if row.low is None else f"{row.low:.4f} to {row.high:.4f}"
    return _text(row.metric), f"{row.value:.4f}", interval


def _change(change: Change) -> tuple[str, ...]:
    moved = f"{change.after - change.before:+.4f}"
    if change.low is not None:
        moved += f" ({change.low:+.4f} to {change.high:+.4f})"
    return change.metric, f"{change.before:.4f}", f"{change.after:.4f}", moved, _WORDS[change.kind]


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [f"| {' | '.join(row)} |" for row in (head, *rows)]
    lines.insert(1, f"| --- |{' ---: |' * (len(head) - 1)}")
    return "\n".join(lines)


def _text(words: str) -> str:
    return words.translate(_ESCAPED)
