"""`arbiter compile`, `submit` and `manifests`: the graph and the servers on Kubernetes."""

import os
from pathlib import Path
from typing import Annotated

import typer

from pipelines.commands.console import Json, Settings, Work, print_json, quiet_tensorflow, say, say_table
from pipelines.errors import CallError

_Output = Annotated[Path, typer.Option("--output", "-o", metavar="FILE", help="The YAML.")]


def register(app: typer.Typer) -> None:
    """Adds this group's commands to `app`."""
    app.command("compile")(compile_)
    app.command()(submit)
    app.command()(manifests)


def compile_(
    output: _Output,
    data: Annotated[
        str, typer.Option(metavar="DATA", help="The dataset folder, as the pods see it.")
    ] = "/arbiter/data",
    workspace: Annotated[
        str, typer.Option(metavar="WORK", help="The workspace, as the pods see it.")
    ] = "/arbiter/work",
    config: Annotated[Path | None, typer.Option(help="YAML with a section for each part.")] = None,
    settings: Settings = None,
    update: Annotated[bool, typer.Option("--update", help="Of a domain's update in place of a run.")] = False,
) -> None:
    """Write the graph as a Kubeflow pipeline.

    The configuration's section `cluster` says what the pods get. Equal configurations give equal files.
    """
    from pipelines.config import read_config
    from pipelines.logs import captured

    chosen = read_config(config, settings or ())
    output.parent.mkdir(parents=True, exist_ok=True)
    with captured(Path(os.devnull)):  # what TensorFlow and Beam print when they are imported
        from pipelines.cluster import compile_run, compile_update

        if update:
            compile_update(chosen.cluster, workspace=workspace, output=output)
        else:
            compile_run(chosen, data=data, workspace=workspace, output=output)
    say(f"Wrote {output}. Start it: arbiter submit {output} --host URL")


def submit(
    pipeline: Annotated[Path, typer.Argument(metavar="PIPELINE", help="The YAML of `arbiter compile`.")],
    host: Annotated[str, typer.Option(metavar="URL", help="Of the Kubeflow Pipelines API.")],
    parameters: Annotated[
        list[str] | None, typer.Option("--parameter", metavar="NAME=VALUE", help="Of the run; repeatable.")
    ] = None,
    domain: Annotated[
        list[str] | None, typer.Option(metavar="D", help="Update this domain; a run for each; repeatable.")
    ] = None,
    at_once: Annotated[int, typer.Option(min=1, help="Domain updates that run at a time.")] = 4,
    every: Annotated[
        str | None,
        typer.Option(metavar="CRON", help="Run again and again: six fields, seconds first, as KFP has it."),
    ] = None,
    experiment: Annotated[str, typer.Option(help="Where Kubeflow lists the runs.")] = "arbiter",
    namespace: Annotated[
        str, typer.Option(help="Of the pods, where Kubeflow has profiles; else that of Kubeflow itself.")
    ] = "",
    service_account: Annotated[str, typer.Option(help="Of the pods.")] = "",
    wait: Annotated[
        bool, typer.Option("--wait", help="Until the runs have ended; exit 1 if one failed.")
    ] = False,
    json: Json = False,
) -> None:
    """Start a compiled pipeline on Kubeflow Pipelines, now or on a schedule."""
    from pipelines.kubeflow.submit import Submission
    from pipelines.kubeflow.submit import submit as start

    given = dict(_pair(text) for text in parameters or ())
    if every and (domain or wait):
        raise CallError("--every starts runs later: it takes neither --domain nor --wait.")
    done = start(
        Submission(
            pipeline=pipeline,
            host=host,
            parameters=given,
            experiment=experiment,
            namespace=namespace,
            service_account=service_account,
            every=every,
            wait=wait,
        ),
        each=[{"domain": name} for name in domain or ()],
        at_once=at_once,
    )
    if json:
        print_json(done)
    else:
        for run in done:
            say(f"{run.state:<10} {run.name}  {run.run_id}")
    if any(run.failed for run in done):
        raise typer.Exit(1)


def manifests(
    workspace: Work,
    destination: Annotated[Path, typer.Argument(metavar="DEST", help="The folder to write to.")],
    overlay: Annotated[Path, typer.Option(help="The kustomization it stands on.")] = Path(
        "k8s/overlays/production"
    ),
    pods_see: Annotated[
        str, typer.Option(metavar="PATH", help="The workspace, as the pods see it.")
    ] = "/arbiter/work",
    image: Annotated[str, typer.Option(help="Of TF Serving.")] = "tensorflow/serving:2.21.0",
    json: Json = False,
) -> None:
    """Write the Kubernetes manifests of the model servers, with memory limits from what the models take."""
    from pipelines.manifests.write import write_manifests
    from pipelines.workspace import Workspace

    quiet_tensorflow()
    servers = write_manifests(
        Workspace.existing(workspace), destination, overlay, pods_see=pods_see, image=image
    )
    if json:
        print_json(servers)
        return
    say_table((server.model, f"{server.memory} MiB") for server in servers)
    say(f"Look: kubectl kustomize {destination}. Apply: kubectl apply -k {destination}")


def _pair(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals or not name:
        raise CallError(f"--parameter takes NAME=VALUE. Received: {text!r}")
    return name, value
