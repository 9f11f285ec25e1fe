"""A workspace with a whole system in service, and a router of it."""

import pytest

from components.records.domain_signature import domain_model
from components.router.service.in_process import InProcess
from components.router.service.options import RouterOptions
from components.router.service.service import RouterServer
from tests.whole_system import put_in_service

MUSIC, TRAVEL = map(domain_model, ("Music", "Travel & Co"))
VERSIONS = {"shortlister": 4, MUSIC: 2, TRAVEL: 1, "hyprank": 3}


def route(core, call, deadline):
    """What a core answers one call."""
    (result,) = core.route([call], deadline)
    if isinstance(result, Exception):
        raise result
    return result


@pytest.fixture(scope="session")
def serving(whole_system, tmp_path_factory):
    """`serving/` of a workspace that no test changes."""
    folder = tmp_path_factory.mktemp("served") / "serving"
    put_in_service(folder, whole_system.folders, VERSIONS)
    return folder


@pytest.fixture(scope="session")
def router(serving):
    with RouterServer(InProcess(serving), RouterOptions()) as running:
        yield running


@pytest.fixture(scope="session")
def requests(whole_system):
    return [each.request for each in whole_system.requests]
