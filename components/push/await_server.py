"""Waits for the live server to load what was offered to it."""

import logging
import time
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path

import grpc

from components.push.options import PushOptions
from components.push.serving_folder import stable_versions
from components.records.live_server import live_address
from components.records.model_names import address_of
from components.records.serving_client import ServingClient, ServingError

_LOOK_S = 0.2
_log = logging.getLogger(__name__)


def await_server(serving_dir: Path, offered: Mapping[str, int], options: PushOptions) -> str:
    """Waits until the live server, if there is one, has loaded a version of each model.

    A model that has never been in service need not have a server of its own yet: those on a cluster are made
    for the models that are in service. It is not waited for where none answers.

    Returns: Why it has not, or ''.
    Raises:
        ServingError: It failed, or the one that the options name cannot be reached.
    """
    address = options.server or live_address(serving_dir)
    if not address:
        return ""
    deadline = time.monotonic() + options.wait_seconds
    missing, in_service = dict(offered), stable_versions(serving_dir)
    places = {model: address_of(address, model) for model in offered}
    with ExitStack() as stack:
        clients = {place: stack.enter_context(ServingClient(place)) for place in {*places.values()}}
        while missing and time.monotonic() < deadline:
            for model, version in list(missing.items()):
                try:
                    status = clients[places[model]].status(model).get(version)
                except ServingError as error:
                    if error.code == grpc.StatusCode.UNAVAILABLE and not options.server:
                        return ""  # its announcement outlived it: nobody serves this folder
                    if error.code == grpc.StatusCode.UNAVAILABLE and model not in in_service:
                        _log.warning("%s is put into service without a server at %s", model, places[model])
                        del missing[model]
                        continue
                    if error.code != grpc.StatusCode.NOT_FOUND:
                        raise
                    status = None
                if status is not None and status.error:
                    what = f"{model}, version {version}: {status.error}"
                    return f"the server at {places[model]} cannot load {what}"
                if status is not None and status.state == "AVAILABLE":
                    del missing[model]
            if missing:
                time.sleep(_LOOK_S)
    if not missing:
        return ""
    named = ", ".join(f"{model}, version {version}" for model, version in missing.items())
    return f"the server at {address} did not load {named} in {options.wait_seconds:.0f} s"
