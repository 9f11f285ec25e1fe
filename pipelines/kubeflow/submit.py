"""Starts compiled pipelines on Kubeflow Pipelines, so many at a time, and follows them."""

import contextlib
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import kfp
import kfp_server_api
import msgspec
import urllib3

from pipelines.errors import CallError, CommandError

_GOOD = frozenset({"SUCCEEDED", "SKIPPED"})
_BAD = frozenset({"FAILED", "CANCELED"})
_SCHEDULED = "SCHEDULED"
_API_ERRORS = (OSError, ValueError, urllib3.exceptions.HTTPError, kfp_server_api.ApiException)


class Submission(msgspec.Struct, frozen=True, kw_only=True):
    """What is started, and where.

    Attributes:
        pipeline: The YAML.
        host: URL of the Kubeflow Pipelines API.
        parameters: Of the run, over the pipeline's defaults.
        experiment: Under which the runs are listed.
        namespace: Where the pods run, of a Kubeflow with profiles; "": where Kubeflow Pipelines itself is.
        service_account: That the pods run as; "": Kubeflow's own.
        every: A schedule, as six cron fields; None: now.
        wait: Whether to wait for the end of what was started now.
        poll_s: Seconds between two looks at the runs.
    """

    pipeline: Path
    host: str
    parameters: Mapping[str, str] = {}
    experiment: str = "arbiter"
    namespace: str = ""
    service_account: str = ""
    every: str | None = None
    wait: bool = False
    poll_s: float = 10.0


class Started(msgspec.Struct, frozen=True, kw_only=True):
    """A run, or a schedule of runs, and its state when it was last looked at."""

    name: str
    run_id: str
    state: str

    @property
    def ended(self) -> bool:
        return self.state in _GOOD | _BAD

    @property
    def failed(self) -> bool:
        return self.state in _BAD


def submit(
    submission: Submission, *, each: Sequence[Mapping[str, str]] = (), at_once: int = 4
) -> list[Started]:
    """Starts one run, or one for each of the parameters in `each`, `at_once` at a time.

    Where there are more than that, it waits until the last of them has been started.

    Raises:
        CallError: There is no such file.
        CommandError: Kubeflow Pipelines was not reached, or refused.
    """
    if not submission.pipeline.is_file():
        raise CallError(f"{submission.pipeline} is not a file.", "Make it: arbiter compile --output FILE")
    try:
        with contextlib.redirect_stdout(sys.stderr):  # the client prints links
            return _submit(submission, each or [{}], at_once)
    except _API_ERRORS as error:
        raise CommandError(f"Kubeflow Pipelines at {submission.host}: {error}") from error


def _submit(submission: Submission, each: Sequence[Mapping[str, str]], at_once: int) -> list[Started]:
    client = kfp.Client(host=submission.host)
    if submission.every is not None:
        return [_schedule(client, submission, submission.every)]
    runs: list[Started] = []
    for parameters in each:
        while sum(not run.ended for run in runs) >= at_once:
            runs = _looked_at(client, runs, submission.poll_s)
        runs.append(_start(client, submission, parameters))
    while submission.wait and not all(run.ended for run in runs):
        runs = _looked_at(client, runs, submission.poll_s)
    return runs


def _start(client: Any, submission: Submission, parameters: Mapping[str, str]) -> Started:
    name = " ".join((submission.pipeline.stem, *parameters.values()))
    run = client.create_run_from_pipeline_package(
        str(submission.pipeline),
        arguments={**submission.parameters, **parameters},
        run_name=name,
        experiment_name=submission.experiment,
        namespace=submission.namespace or None,
        service_account=submission.service_account or None,
        enable_caching=False,
    )
    return Started(name=name, run_id=run.run_id, state="PENDING")


def _schedule(client: Any, submission: Submission, every: str) -> Started:
    experiment = client.create_experiment(submission.experiment, namespace=submission.namespace or None)
    schedule = client.create_recurring_run(
        experiment_id=experiment.experiment_id,
        job_name=submission.pipeline.stem,
        cron_expression=every,
        max_concurrency=1,  # a run that takes longer than its period is not joined by another
        no_catchup=True,
        params=dict(submission.parameters),
        pipeline_package_path=str(submission.pipeline),
        service_account=submission.service_account or None,
        enable_caching=False,
    )
    return Started(name=submission.pipeline.stem, run_id=schedule.recurring_run_id, state=_SCHEDULED)


def _looked_at(client: Any, runs: Sequence[Started], after_s: float) -> list[Started]:
    time.sleep(after_s)
    return [
        run
        if run.ended
        else msgspec.structs.replace(run, state=client.get_run(run.run_id).state or run.state)
        for run in runs
    ]
