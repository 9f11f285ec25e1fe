"""A Flink session cluster for Beam on this machine: python -m pipelines.flink {start,stop,status}.

It needs Java and, the first time, Maven. Everything listens on loopback addresses.
"""

from pathlib import Path
from typing import Annotated

import typer
import yaml

from pipelines.commands.console import CommandGroup, Json, print_json, say, say_table
from pipelines.errors import CommandError
from pipelines.flink.cluster import FlinkCluster
from pipelines.flink.libraries import libraries

app = typer.Typer(
    cls=CommandGroup,
    help=__doc__,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
Folder = Annotated[Path, typer.Option(metavar="FOLDER", help="The cluster's files, logs and jars.")]
_HERE = Path(".flink")


@app.command()
def start(
    folder: Folder = _HERE,
    task_managers: Annotated[int, typer.Option(metavar="N", help="Each with a slot and a worker pool.")] = 2,
) -> None:
    """Start the cluster, or what of it has ended; print the configuration that makes Arbiter use it."""
    cluster = FlinkCluster(folder)
    cluster.start(libraries(folder), task_managers=task_managers)
    config = folder / "beam.yaml"
    config.write_text(yaml.safe_dump({"beam": cluster.beam()}), encoding="utf-8")
    say(f"# {config}; arbiter run DATA --workspace WORK --config {config}")
    say(config.read_text(encoding="utf-8").rstrip())


@app.command()
def stop(folder: Folder = _HERE) -> None:
    """Stop every process of the cluster."""
    FlinkCluster(folder).stop()


@app.command()
def status(folder: Folder = _HERE, json: Json = False) -> None:
    """Say which processes live, and what Flink says of itself. Exit code 1 where one has ended."""
    cluster = FlinkCluster(folder)
    processes = cluster.processes()
    settings = cluster.settings()
    overview = cluster.overview() if "job-manager" in processes else {}
    if json:
        print_json({"processes": processes, "flink": overview})
    else:
        say_table([(name, str(pid)) for name, pid in processes.items()])
        say_table([(name, str(value)) for name, value in overview.items()])
    if len(processes) != 2 + 2 * settings.task_managers:
        raise CommandError(f"{2 + 2 * settings.task_managers} processes were started, {len(processes)} live.")


if __name__ == "__main__":
    app()
