"""The cluster: a job manager, task managers with a Python worker pool beside each, Beam's job server."""

import json
import os
import socket
import sys
import time
import urllib.request
from pathlib import Path

import msgspec

from components.records.atomic import atomic_write
from pipelines.errors import CommandError
from pipelines.flink.processes import Processes
from pipelines.flink.settings import Settings, address, free_ports, write_configuration

_READY_S = 120.0
_JOB_SERVER = Path(__file__).with_name("JobServer.java")
_OPENED = (
    "java.lang java.lang.invoke java.lang.reflect java.io java.net java.nio java.text java.time java.util "
    "java.util.concurrent java.util.concurrent.atomic java.util.concurrent.locks sun.nio.ch"
)
_JVM = (
    "-XX:TieredStopAtLevel=1",  # jobs of a minute: what a second compiler saves, it does not live to earn
    "-XX:+UseSerialGC",
    "-Dorg.slf4j.simpleLogger.showDateTime=true",
    "-Dorg.slf4j.simpleLogger.dateTimeFormat=HH:mm:ss.SSS",
    "--add-exports=java.base/sun.net.util=ALL-UNNAMED",
    *(f"--add-opens=java.base/{package}=ALL-UNNAMED" for package in _OPENED.split()),
)


class FlinkCluster:
    """A session cluster on loopback addresses of this machine, whose files lie in a folder.

    Each task manager has one slot: the trainings of domains share no process. Its `localhost` is an address
    of its own, so that all find a pool of their own under one name, as the containers of a pod do.

    Args:
        folder: Its configuration, process ids and logs.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder.absolute()
        self._processes = Processes(self._folder)

    def start(self, jars: Path, *, task_managers: int = 2) -> None:
        """Starts what does not live, and waits until all of it answers.

        Raises:
            CommandError: It is not ready in time; the message names the logs.
            ValueError: `task_managers` is not positive.
        """
        if task_managers < 1:
            raise ValueError(f"`task_managers` must be positive. Received: {task_managers}")
        settings = Settings(str(jars.absolute()), task_managers, free_ports())
        if self.processes():
            settings = self.settings()
        else:
            atomic_write(self._folder / "cluster.json", msgspec.json.encode(settings))
        write_configuration(self._folder / "conf", settings)
        self._start_processes(settings)
        self._wait(settings)

    def stop(self) -> None:
        """Stops every process of it."""
        self._processes.stop()

    def settings(self) -> Settings:
        """Raises `CommandError` where no cluster was started in the folder."""
        try:
            return msgspec.json.decode((self._folder / "cluster.json").read_bytes(), type=Settings)
        except FileNotFoundError as error:
            raise CommandError(f"No cluster was started in {self._folder}.") from error

    def processes(self) -> dict[str, int]:
        """The ids of the processes that live, by name."""
        return {name: each.pid for name, each in self._processes.find().items() if each.lives}

    def log(self, name: str) -> Path:
        """What the process of that name said."""
        return self._processes.log(name)

    def overview(self) -> dict[str, int]:
        """What Flink says of itself: `taskmanagers`, `slots-available`, `jobs-running` and others."""
        found: dict[str, int] = self.ask("overview")
        return found

    def ask(self, what: str) -> dict[str, int]:
        """The answer of Flink's REST API to a path such as `jobs/overview`."""
        place = f"http://127.0.0.1:{self.settings().ports['rest']}/{what}"
        with urllib.request.urlopen(place, timeout=5) as answer:
            found: dict[str, int] = json.load(answer)
        return found

    def beam(self) -> list[str]:
        """The arguments with which Beam pipelines run here."""
        settings = self.settings()
        return [
            "--runner=FlinkRunner",
            f"--job_endpoint=localhost:{settings.ports['jobs']}",
            "--environment_type=EXTERNAL",
            f"--environment_config=localhost:{settings.ports['pool']}",
            "--environment_cache_millis=5000",
            f"--parallelism={settings.task_managers}",
            "--sdk_container_image=none",
        ]

    def _start_processes(self, settings: Settings) -> None:
        conf, ports = self._folder / "conf", settings.ports
        flink = ("--configDir", str(conf))
        entry = "org.apache.flink.runtime.entrypoint.StandaloneSessionClusterEntrypoint"
        self._processes.start("job-manager", [*_java(settings, 512), entry, *flink])
        python = os.path.dirname(sys.executable)
        environment = {"PATH": f"{python}:{os.environ['PATH']}"}  # Beam's pool starts its workers as `python`
        for number in range(1, settings.task_managers + 1):
            pool = [sys.executable, "-m", "pipelines.flink.worker_pool", address(number), str(ports["pool"])]
            self._processes.start(f"worker-pool-{number}", pool, environment)
            hosts = f"-Djdk.net.hosts.file={conf / f'hosts-{number}'}"
            own = {"host": address(number), "bind-host": address(number), "resource-id": f"tm-{number}"}
            entry = "org.apache.flink.runtime.taskexecutor.TaskManagerRunner"
            given = [word for key, value in own.items() for word in ("-D", f"taskmanager.{key}={value}")]
            command = [*_java(settings, 256, "-XX:MaxDirectMemorySize=256m", hosts), entry, *flink, *given]
            self._processes.start(f"task-manager-{number}", command)
        served = [
            word
            for name, port in (("job", "jobs"), ("artifact", "artifacts"), ("expansion", "expansion"))
            for word in (f"--{name}-port", str(ports[port]))
        ]
        entry = str(_JOB_SERVER)
        where = ["--flink-master", f"127.0.0.1:{ports['rest']}", "--job-host", "127.0.0.1"]
        staged = ["--artifacts-dir", str(self._folder / "artifacts"), "--clean-artifacts-per-job"]
        self._processes.start("job-server", [*_java(settings, 512), entry, *where, *served, *staged])

    def _wait(self, settings: Settings) -> None:
        until = time.monotonic() + _READY_S
        while not self._is_ready(settings):
            names = {f"task-manager-{i}" for i in range(1, settings.task_managers + 1)}
            dead = {"job-manager", "job-server", *names} - self.processes().keys()
            if dead or time.monotonic() > until:
                what = f"ended: {', '.join(sorted(dead))}" if dead else f"not ready in {_READY_S:.0f} s"
                raise CommandError(f"The cluster in {self._folder} did not start; {what}.", "See its logs/.")
            time.sleep(0.2)

    def _is_ready(self, settings: Settings) -> bool:
        try:
            overview = self.overview()
        except OSError:
            return False
        pools = ((address(i), "pool") for i in range(1, settings.task_managers + 1))
        listening = [_listens(host, settings.ports[name]) for host, name in (*pools, ("127.0.0.1", "jobs"))]
        return overview["taskmanagers"] >= settings.task_managers and all(listening)


def _java(settings: Settings, heap_mib: int, *more: str) -> tuple[str, ...]:
    return ("java", f"-Xmx{heap_mib}m", *_JVM, *more, "-cp", f"{settings.jars}/*")


def _listens(host: str, port: int) -> bool:
    try:
        with socket.create_connection((host, port), timeout=1):
            return True
    except OSError:
        return False
