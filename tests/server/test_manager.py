"""Which versions are loaded, with loads that are plain functions."""

import threading
import weakref
from pathlib import Path

import pytest

from components.records.servable import ServableError
from components.server.errors import StatusError
from components.server.manager import Manager
from components.server.version import State
from tests.server.calls import eventually

INVALID_ARGUMENT = 3


class Loaded:
    """Stands for a Servable."""

    def __init__(self, path):
        self.path = path


class Loads:
    """Loads that fail as often as told, and wait where told."""

    def __init__(self):
        self.failing: dict[Path, int] = {}
        self.held: dict[Path, threading.Event] = {}
        self.tries: list[Path] = []

    def __call__(self, path):
        self.tries.append(path)
        if path in self.held:
            assert self.held[path].wait(10)
        if self.failing.get(path, 0) > 0:
            self.failing[path] -= 1
            raise ServableError(INVALID_ARGUMENT, "broken")
        return Loaded(path)


@pytest.fixture
def loads():
    return Loads()


@pytest.fixture
def manager(loads):
    made = Manager(loads, max_retries=2, retry_interval_s=0.01)
    yield made
    made.close()


def paths(*versions):
    return {version: Path(f"/m/{version}") for version in versions}


def states(manager):
    return {number: state.state.name for number, state in manager.states("m").items()}


def test_latest_and_specific(manager):
    manager.want("m", paths(1, 3))
    manager.wait(["m"])
    eventually(lambda: states(manager) == {3: "AVAILABLE", 1: "AVAILABLE"})
    assert list(states(manager)) == [3, 1]
    assert manager.get("m", None)[0] == 3
    number, servable = manager.get("m", 1)
    assert (number, servable.path) == (1, Path("/m/1"))
    with pytest.raises(StatusError, match=r"Specific\(m, 2\)"):
        manager.get("m", 2)


def test_the_old_version_answers_until_the_new_one_does(manager, loads):
    manager.want("m", paths(1))
    manager.wait(["m"])
    loads.held[Path("/m/2")] = threading.Event()
    manager.want("m", paths(2))
    eventually(lambda: states(manager)[2] == "LOADING")
    assert states(manager)[1] == "AVAILABLE"
    assert manager.get("m", None)[0] == 1
    loads.held[Path("/m/2")].set()
    eventually(lambda: states(manager) == {1: "END", 2: "AVAILABLE"})
    assert manager.get("m", None)[0] == 2


def test_a_version_is_freed_when_its_last_request_ends(manager):
    manager.want("m", paths(1))
    manager.wait(["m"])
    _, in_use = manager.get("m", 1)
    alive = weakref.ref(in_use)
    manager.want("m", paths(2))
    eventually(lambda: states(manager) == {1: "UNLOADING", 2: "AVAILABLE"})
    assert alive() is not None
    del in_use
    assert alive() is None
    assert states(manager)[1] == "END"


def test_a_load_is_retried_and_then_given_up(manager, loads):
    loads.failing = {Path("/m/1"): 2, Path("/m/2"): 3}
    manager.want("m", paths(1))
    manager.wait(["m"])
    assert loads.tries == [Path("/m/1")] * 3
    manager.want("m", paths(2))
    eventually(lambda: states(manager)[2] == "END")
    assert str(manager.states("m")[2].failure) == "INVALID_ARGUMENT: broken"
    assert manager.get("m", None)[0] == 1  # a broken version keeps the old one serving
    manager.want("m", paths(2))  # the next look at the disk
    assert states(manager)[2] == "END"
    assert loads.tries.count(Path("/m/2")) == 3
    manager.want("m", paths(1))
    manager.want("m", paths(2))  # it was gone and is back: tried again
    eventually(lambda: states(manager)[2] == "AVAILABLE")


def test_waiting_for_a_model_that_cannot_be_loaded(manager, loads):
    loads.failing = {Path("/m/1"): 9}
    manager.want("m", paths(1))
    with pytest.raises(StatusError) as error:
        manager.wait(["m"])
    assert str(error.value) == (
        "UNKNOWN: 1 model(s) did not become available: "
        "{{{name: m version: 1} due to error: INVALID_ARGUMENT: broken}, }"
    )


def test_no_version_wanted_unloads(manager):
    manager.want("m", paths(1))
    manager.wait(["m"])
    manager.want("m", {})
    with pytest.raises(StatusError, match=r"Latest\(m\)"):
        manager.get("m", None)
    assert states(manager) == {1: "END"}
    manager.want("m", paths(1))
    manager.wait(["m"])
    assert states(manager) == {1: "AVAILABLE"}


def test_a_version_no_longer_wanted_while_it_loads_is_not_served(manager, loads):
    loads.held[Path("/m/1")] = threading.Event()
    manager.want("m", paths(1))
    eventually(lambda: states(manager) == {1: "LOADING"})
    manager.want("m", paths(2))
    manager.wait(["m"])
    loads.held[Path("/m/1")].set()
    eventually(lambda: states(manager) == {2: "AVAILABLE", 1: "END"})
    assert str(manager.states("m")[1].failure) == "CANCELLED: Loading of servable cancelled"


def test_a_load_that_is_to_be_retried_ends_when_its_version_is_no_longer_wanted(loads):
    manager = Manager(loads, max_retries=5, retry_interval_s=60.0)
    loads.failing = {Path("/m/2"): 9}
    manager.want("m", paths(1))
    manager.wait(["m"])
    manager.want("m", paths(2))
    eventually(lambda: manager._versions["m"][2].retry is not None)
    assert states(manager) == {2: "LOADING", 1: "AVAILABLE"}
    manager.want("m", paths(1))
    assert states(manager) == {2: "END", 1: "AVAILABLE"}
    assert str(manager.states("m")[2].failure) == "CANCELLED: Loading of servable cancelled"
    loads.failing = {}
    manager.want("m", paths(2))
    eventually(lambda: states(manager)[2] == "AVAILABLE")
    manager.close()


def test_whatever_a_load_raises_ends_it(manager, loads, monkeypatch):
    def fails(path):
        raise OSError(f"cannot read {path}")

    monkeypatch.setattr(manager, "_load", fails)
    manager.want("m", paths(1))
    eventually(lambda: states(manager) == {1: "END"})
    assert str(manager.states("m")[1].failure) == "UNKNOWN: OSError: cannot read /m/1"


def test_only_the_newest_unwanted_version_waits_for_the_wanted_one(manager, loads):
    manager.want("m", paths(1, 2))
    eventually(lambda: states(manager) == {2: "AVAILABLE", 1: "AVAILABLE"})
    loads.held[Path("/m/3")] = threading.Event()
    manager.want("m", paths(3))
    eventually(lambda: states(manager) == {3: "LOADING", 2: "AVAILABLE", 1: "END"})
    loads.held[Path("/m/3")].set()
    eventually(lambda: states(manager) == {3: "AVAILABLE", 2: "END", 1: "END"})


def test_the_newest_version_is_loaded_first(loads):
    manager = Manager(loads, threads=1)
    manager.want("m", paths(1, 2, 3))
    eventually(lambda: set(states(manager).values()) == {"AVAILABLE"})
    assert loads.tries == [Path("/m/3"), Path("/m/2"), Path("/m/1")]
    manager.close()


def test_where_memory_is_short_the_old_version_goes_before_the_new_one_is_loaded(loads):
    manager = Manager(loads, free_first=True)
    manager.want("m", paths(1))
    manager.wait(["m"])
    _, in_use = manager.get("m", None)
    manager.want("m", paths(2))
    assert states(manager) == {2: "START", 1: "UNLOADING"}
    with pytest.raises(StatusError, match=r"Latest\(m\)"):
        manager.get("m", None)
    del in_use
    eventually(lambda: states(manager) == {2: "AVAILABLE", 1: "END"})
    manager.close()


def test_closing_ends_a_wait(loads):
    manager = Manager(loads)
    waiting = threading.Thread(target=manager.wait, args=(["never"],))
    waiting.start()
    manager.close()
    waiting.join(5)
    assert not waiting.is_alive()


def test_states_are_numbered_as_in_the_api():
    assert [int(state) for state in State] == [10, 20, 30, 40, 50]


@pytest.mark.parametrize("bad", [{"max_retries": -1}, {"retry_interval_s": -1.0}, {"threads": 0}])
def test_arguments(loads, bad):
    with pytest.raises(ValueError, match="Received"):
        Manager(loads, **bad)
