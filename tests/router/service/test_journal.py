"""The journal: on disk before it is acknowledged, whatever happens; and what becomes of it."""

import errno
import os
import signal
import socket
import subprocess
import sys
import threading
from datetime import UTC, date, datetime

import pytest

from components.records.parse import parse_request
from components.records.request import Request
from components.router.service.feedback import journal as module
from components.router.service.feedback.journal import Journal, Line, days, records
from components.router.service.feedback.settle import Settler

DAY = date(2026, 5, 1)
NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)


def line(request_id, received=0, outcome="handled", skill="radio"):
    record = Request(request_id=request_id, utterance="play", timestamp=NOON, skill_id=skill, outcome=outcome)
    return Line(received=received, record=record)


@pytest.fixture
def journal(tmp_path):
    opened = Journal(tmp_path / "journal")
    yield opened
    opened.close()


def ids(tmp_path, day=DAY):
    return [record.request_id for record in records(tmp_path / "journal", day)]


def test_the_last_word_on_a_request_holds(journal, tmp_path):
    journal.append(DAY, line("b", 1))
    journal.append(DAY, line("a", 2))
    journal.append(DAY, line("b", 3, "rejected"))
    found = records(tmp_path / "journal", DAY)
    assert [(record.request_id, record.outcome) for record in found] == [("a", "handled"), ("b", "rejected")]


def test_several_routers_share_a_folder(journal, tmp_path):
    other = Journal(tmp_path / "journal")
    other.append(DAY, line("a", 5, "rejected"))
    journal.append(DAY, line("a", 4))
    other.close()
    (record,) = records(tmp_path / "journal", DAY)
    assert record.outcome == "rejected"  # said last
    assert len(list((tmp_path / "journal" / "2026-05-01").iterdir())) == 2


def test_threads_together(journal, tmp_path):
    def work(number):
        for turn in range(20):
            journal.append(DAY, line(f"{number}-{turn}"))

    threads = [threading.Thread(target=work, args=(number,)) for number in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(ids(tmp_path)) == 100


_ROUTER = """
import sys
from datetime import timedelta
from pathlib import Path
from tests.router.service.test_journal import DAY, line
from components.router.service.feedback.journal import Journal
from components.router.service.feedback.settle import Settler
folder, requests, name = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3]
journal, settler = Journal(folder), Settler(folder, requests)
print("ready", flush=True)
sys.stdin.readline()
for number in range(60):
    journal.append(DAY + timedelta(number // 20), line(f"{name}-{number}"))
    settler.settle()
journal.close()
"""


def test_what_routers_at_once_were_told_is_all_in_the_request_files(tmp_path):
    folder, requests, names = tmp_path / "journal", tmp_path / "requests", "abcd"
    routers = [
        subprocess.Popen(
            [sys.executable, "-c", _ROUTER, str(folder), str(requests), name],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for name in names
    ]
    for router in routers:
        assert router.stdout.readline() == "ready\n"
    for router in routers:
        router.stdout.close()
        router.stdin.write("go\n")
        router.stdin.close()
    assert [router.wait() for router in routers] == [0] * len(names)
    assert len(list((folder / DAY.isoformat()).iterdir())) == len(names)
    found = [
        parse_request(text).request_id
        for path in sorted(requests.glob("*.jsonl"))
        for text in path.read_bytes().splitlines()
    ]
    assert sorted(found) == sorted(f"{name}-{number}" for name in names for number in range(60))


def test_routers_of_two_hosts_write_files_of_their_own_where_locks_do_not_reach(tmp_path, monkeypatch):
    folder = tmp_path / "journal"
    monkeypatch.setattr(module.fcntl, "flock", lambda *_: None)
    for host in ("router-5f-a", "router-5f-b"):
        monkeypatch.setattr(module.socket, "gethostname", lambda host=host: host)
        journal = Journal(folder)
        journal.append(DAY, line(host))
        journal.close()
    assert ids(tmp_path) == ["router-5f-a", "router-5f-b"]
    assert len(list((folder / DAY.isoformat()).iterdir())) == 2


@pytest.mark.parametrize("torn", [b"{", b'{"received":1,"record"', b"\xff" * 70_000])
def test_a_torn_line_is_passed_over_and_cut_off(journal, tmp_path, torn):
    journal.append(DAY, line("a"))
    (path,) = (tmp_path / "journal" / "2026-05-01").iterdir()
    with path.open("ab") as file:
        file.write(torn)
    assert ids(tmp_path) == ["a"]
    journal.append(DAY, line("b"))
    assert ids(tmp_path) == ["a", "b"]
    assert path.read_bytes().count(b"\n") == 2


def test_a_file_of_a_torn_line_alone(journal, tmp_path):
    folder = tmp_path / "journal" / "2026-05-01"
    folder.mkdir()
    (folder / f"{socket.gethostname()}-0.jsonl").write_bytes(b"{")
    journal.append(DAY, line("b"))
    assert ids(tmp_path) == ["b"]


def test_a_full_disk_acknowledges_nothing_and_leaves_no_part_of_a_line(journal, tmp_path, monkeypatch):
    journal.append(DAY, line("a"))

    def full(file, content):
        file.write(content[: len(content) // 2])
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(module, "_write_all", full)
        with pytest.raises(OSError, match="No space"):
            journal.append(DAY, line("b"))
    (path,) = (tmp_path / "journal" / "2026-05-01").iterdir()
    assert path.read_bytes().count(b"\n") == 1
    assert path.read_bytes().endswith(b"\n")
    journal.append(DAY, line("c"))
    assert ids(tmp_path) == ["a", "c"]


_WRITER = """
import sys
from pathlib import Path
from tests.router.service.test_journal import DAY, line
from components.router.service.feedback.journal import Journal
journal = Journal(Path(sys.argv[1]))
for number in range(1_000_000):
    journal.append(DAY, line(str(number)))
    print(number, flush=True)
"""


def test_nothing_that_was_acknowledged_is_lost_when_the_process_is_killed(tmp_path):
    folder = tmp_path / "journal"
    writer = subprocess.Popen([sys.executable, "-c", _WRITER, str(folder)], stdout=subprocess.PIPE, text=True)
    said = [writer.stdout.readline() for _ in range(200)]
    os.kill(writer.pid, signal.SIGKILL)
    said += writer.stdout.readlines()
    writer.wait()
    acknowledged = {text.strip() for text in said if text.endswith("\n")}
    assert acknowledged <= set(ids(tmp_path))
    again = Journal(folder)  # the lock went with the process, so it writes on in the same file
    again.append(DAY, line("last"))
    again.close()
    assert acknowledged | {"last"} <= set(ids(tmp_path))
    assert len(list((folder / "2026-05-01").iterdir())) == 1


def test_request_files_are_replaced_as_a_whole(journal, tmp_path):
    settler = Settler(tmp_path / "journal", tmp_path / "requests")
    assert settler.settle() == 0
    journal.append(DAY, line("a", 1))
    journal.append(date(2026, 5, 2), line("b", 1))
    assert settler.settle() == 2
    assert settler.settle() == 0  # nothing is new
    journal.append(DAY, line("a", 2, "rejected"))
    assert settler.settle() == 1
    path = tmp_path / "requests" / "feedback-2026-05-01.jsonl"
    (found,) = map(parse_request, path.read_bytes().splitlines())
    assert found == line("a", 2, "rejected").record
    before = path.stat().st_mtime_ns
    assert Settler(tmp_path / "journal", tmp_path / "requests").settle() == 2  # a router that starts anew
    assert path.stat().st_mtime_ns == before
    assert days(tmp_path / "journal") == [DAY, date(2026, 5, 2)]
