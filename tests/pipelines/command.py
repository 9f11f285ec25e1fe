"""The command line called in this process, and a model small enough for a test."""

import json

from click.testing import Result
from typer.testing import CliRunner

from pipelines.cli import app

TINY = (
    "shortlister.epochs=2",
    "shortlister.char_size=8",
    "shortlister.form_size=8",
    "shortlister.word_size=8",
    "shortlister.lstm_size=8",
    "shortlister.gram_size=32",
    "shortlister.batch_size=32",
    "evaluate.resamples=20",
    # The graph is under test, not the model: whatever it learned passes.
    "evaluate.thresholds.min_gain_over_popular=-1",
    "evaluate.thresholds.max_ece=1",
    "evaluate.thresholds.max_false_refusals=1",
    # A process of its own, and no part of what is made: `test_whole_system` measures it.
    "rank.cost_sample=0",
    "push.requests=50",
    "rankers=false",
)
WHOLE = (
    "rankers=true",
    "workers=1",
    "domain.epochs=2",
    "domain.least_foreign=100",
    "domain.gram_buckets=256",
    "domain.gram_size=16",
    "domain.form_size=8",
    "domain.hidden_size=16",
    "hyprank.epochs=2",
    "hyprank.lstm_size=8",
    "hyprank.hidden_size=16",
)
"""Beside the tiny Shortlister: domain models, re-rankers and HypRank, as small."""


def arbiter(*arguments: object) -> Result:
    """`arbiter ARGUMENTS`; an exception that the command line does not explain is raised."""
    result = CliRunner().invoke(app, [str(argument) for argument in arguments])
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


def run(data: object, work: object, *settings: str, flags: tuple[str, ...] = ()) -> Result:
    """`arbiter run` with the tiny model; later settings win."""
    chosen = [word for setting in (*TINY, *settings) for word in ("--set", setting)]
    return arbiter("run", data, "--workspace", work, *chosen, *flags)


def states(result: Result) -> dict[str, str]:
    """Node to done, cached or failed, as a run printed them."""
    lines = [line.split() for line in result.stdout.splitlines()]
    found = ("done", "cached", "failed")
    return {line[1]: line[0] for line in lines if len(line) > 2 and line[0] in found and line[1] != "Start"}


def printed_json(result: Result) -> object:
    """What a command printed with --json."""
    return json.loads(result.stdout)
