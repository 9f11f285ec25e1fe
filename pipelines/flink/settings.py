"""What a cluster is started with: ports, addresses, and Flink's own configuration."""

import random
import socket
from pathlib import Path

import msgspec
import yaml

from components.records.atomic import atomic_write

_PORTS = ("rpc", "rest", "jobs", "artifacts", "expansion", "pool")
_PORT_RANGE = range(20_000, 32_000)
_TASK_MEMORY = {  # MiB, outside of the Python workers: what is shuffled are paths and counts
    "framework.heap.size": 64,
    "task.heap.size": 192,
    "framework.off-heap.size": 64,
    "task.off-heap.size": 0,
    "network.min": 128,
    "network.max": 128,
    "managed.size": 128,
    "jvm-metaspace.size": 192,
    "jvm-overhead.min": 96,
    "jvm-overhead.max": 96,
}


class Settings(msgspec.Struct, frozen=True):
    """`cluster.json`: how a cluster was started, so that it is started again in the same way."""

    jars: str
    task_managers: int
    ports: dict[str, int]


def address(number: int) -> str:
    """Of the task manager of that number, from 1, and of its pool."""
    return f"127.0.0.{number + 1}"


def write_configuration(conf: Path, settings: Settings) -> None:
    """What all processes read, and what each task manager takes for `localhost`."""
    ports = settings.ports
    values = {
        "jobmanager.rpc.address": "127.0.0.1",
        "jobmanager.rpc.port": ports["rpc"],
        "jobmanager.bind-host": "127.0.0.1",
        "jobmanager.memory.process.size": "1024m",
        "rest.address": "127.0.0.1",
        "rest.bind-address": "127.0.0.1",
        "rest.port": ports["rest"],
        "io.tmp.dirs": str(conf.with_name("tmp")),
        "taskmanager.numberOfTaskSlots": 1,
        "taskmanager.cpu.cores": 1.0,
        **{f"taskmanager.memory.{name}": f"{size}mb" for name, size in _TASK_MEMORY.items()},
        "taskmanager.network.sort-shuffle.min-buffers": 64,
        "heartbeat.interval": 2000,
        "heartbeat.timeout": 20000,
        "restart-strategy.type": "fixed-delay",
        "restart-strategy.fixed-delay.attempts": 5,
        "restart-strategy.fixed-delay.delay": "2 s",
        "jobmanager.execution.failover-strategy": "region",
    }
    atomic_write(conf / "config.yaml", yaml.safe_dump(values))
    for number in range(1, settings.task_managers + 1):
        atomic_write(conf / f"hosts-{number}", f"{address(number)} localhost\n")


def free_ports() -> dict[str, int]:
    """One for each purpose, which no address of this machine uses, and all below those that the kernel gives
    to outgoing connections: these come and go."""
    ports: dict[str, int] = {}
    for port in random.sample(_PORT_RANGE, len(_PORT_RANGE)):
        if len(ports) == len(_PORTS):
            break
        try:
            socket.create_server(("", port)).close()
        except OSError:
            continue
        ports[_PORTS[len(ports)]] = port
    return ports
