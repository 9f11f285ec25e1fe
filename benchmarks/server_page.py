"""The page that says what the embedded server adds to a call and what it holds after many."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from components.records.atomic import atomic_write

MOST_MS, MOST_GROWTH = 0.4, 0.01
_WAYS = {
    "process": "the engine in the caller's process",
    "seldom": "the same, each time after a pause of 0.5 ms",
    "served": "`Predict` over gRPC, loopback",
    "socket": "`Predict` over gRPC, UNIX socket",
    "raw": "the same over loopback, bytes for tensors in the client",
    "rest": "`:predict` over REST, loopback",
    "no_model": "`GetModelStatus`, which runs no model",
    "echo": "as many bytes to a bare `grpc.server` that does nothing",
}

_PAGE = """# The embedded model server

    {command}

A Shortlister of {skills:,} skills that has learnt nothing, on its twin (LiteRT and NumPy, one thread). A call
has one utterance and ten enabled skills, and is answered with the ten best. Server and client are two
processes on {cores} cores of one machine; load average of the last minute {before:.1f} at the start,
{after:.1f} at the end.

## What a call costs

{calls:,} calls of each kind, one at a time, in turns of 100. Milliseconds; "CPU" is processor time per call.

| | p50 | p99 | CPU of the client | CPU of the server |
|---|---|---|---|---|
{ways}

The server adds {overhead_p50_ms:.3f} ms to a call at the median, which makes it {ratio_p50:.1f} times as long
as in process; the target is {most_ms} ms on a machine without other work: {slow}.
On a UNIX socket it adds {socket_adds:.3f} ms, over REST {rest_adds:.3f} ms. An engine that is called after a
pause, as one in a server is, takes {seldom_adds:.3f} ms more than one that is called again at once.

## Where a call over gRPC goes

On average, not at the median. The server's own metrics say how long a call and its model took there.

| | ms |
|---|---|
| the model, in the caller's process, called again at once | {process_mean:.3f} |
| what it takes longer in the server, whose caches have cooled | {cold_mean:.3f} |
| the server's own work: the version, the tensors read, checked and written | {server:.3f} |
| gRPC on both sides, the wire, and waking up twice | {grpc:.3f} |
| the client's tensors, made and read | {client:.3f} |
| **a call** | **{served:.3f}** |
| to compare: a bare call of as many bytes to a `grpc.server` that does nothing | {echo:.3f} |

## Memory over many calls

{requests:,} calls from {clients} clients at once, {requests_per_s:,.0f} a second, {per_cpu_s:,.0f} for each
second of the server's processor time. Resident MB at the start and after each tenth:
{rss}.
From the first tenth to the end: {growth:+.2%} (target: at most {most_growth:.0%}: {grows}).
Threads {threads}, open files {open_files}, after the first tenth and at the end.

## Calls during a load

One client asks on while the server loads another model.

| what is loaded | seconds | calls meanwhile | p50 ms | p99 ms | longest ms |
|---|---|---|---|---|---|
{loads}
"""


def write_page(path: Path, figures: Mapping[str, Any], command: str) -> None:
    """Writes the page; `figures` as `benchmarks.server.measure` gives them."""
    endured = figures["endurance"]
    overhead = figures["overhead"]
    mean = overhead["mean_ms"]
    names = {"other": "another twin", "saved_model": "a SavedModel, the first: TensorFlow is imported"}
    loads = "\n".join(
        f"| {names[name]} | {load['seconds']:.1f} | {load['calls']:,} | {load['p50_ms']:.2f} | "
        f"{load['p99_ms']:.2f} | {load['most_ms']:.1f} |"
        for name, load in figures["loads"].items()
    )
    before, after = figures["load_average"]
    page = _PAGE.format(
        command=command,
        skills=figures["skills"],
        cores=figures["cores"],
        before=before,
        after=after,
        **{key: value for key, value in overhead.items() if key != "mean_ms"},
        ways="\n".join(_row(text, overhead, way) for way, text in _WAYS.items()),
        **{
            f"{way}_adds": overhead[f"{way}_p50_ms"] - overhead["process_p50_ms"]
            for way in ("socket", "rest", "seldom")
        },
        **{key: mean[key] for key in ("server", "grpc", "client", "served", "echo")},
        process_mean=mean["process"],
        cold_mean=mean["engine"] - mean["process"],
        most_ms=MOST_MS,
        slow=_verdict(overhead["overhead_p50_ms"], busy=before > 1),
        **{key: endured[key] for key in ("requests", "clients", "requests_per_s")},
        per_cpu_s=endured["requests_per_server_cpu_s"],
        rss=", ".join(f"{each:.1f}" for each in endured["rss_mb"]),
        growth=endured["growth"],
        most_growth=MOST_GROWTH,
        grows="missed" if endured["growth"] > MOST_GROWTH else "reached",
        threads=" and ".join(map(str, endured["threads"])),
        open_files=" and ".join(map(str, endured["open_files"])),
        loads=loads,
    )
    atomic_write(path, page)


def _row(text: str, overhead: Mapping[str, Any], way: str) -> str:
    p50, p99, cpu = (overhead[f"{way}_{figure}_ms"] for figure in ("p50", "p99", "cpu"))
    served = overhead.get(f"{way}_server_cpu_ms")
    of_server = "" if served is None else f"{served:.3f} "
    return f"| {text} | {p50:.3f} | {p99:.3f} | {cpu:.3f} | {of_server}|"


def _verdict(overhead_ms: float, *, busy: bool) -> str:
    if overhead_ms <= MOST_MS:
        return "reached"
    return "not reached, and not to be judged beside the other work that this one had" if busy else "missed"
