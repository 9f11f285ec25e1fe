"""A version folder as callables, in whichever of its two forms."""

import abc
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from components.records.array import Array
from components.records.checksums import damaged
from components.records.manifest import Manifest
from components.records.version_folder import (
    RANK_TWIN,
    SAVED_MODEL_FILES,
    TWIN_FILES,
    has_twin,
    read_manifest,
    twin_kind,
)

if TYPE_CHECKING:  # the protocol buffers take 15 MB, which a process that only predicts does without
    from components.records.serving_protos import meta_graph_pb2

DEFAULT_SIGNATURE = "serving_default"

INVALID_ARGUMENT, NOT_FOUND, PERMISSION_DENIED, FAILED_PRECONDITION, INTERNAL, DATA_LOSS = 3, 5, 7, 9, 13, 15


class ServableError(ValueError):
    """A model that could not be loaded or run.

    Attributes:
        code: The status code, numbered as in gRPC and TensorFlow alike.
        message: What went wrong, as TensorFlow says it.
    """

    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


class Tensor(NamedTuple):
    """What a signature says of an input or output. An unknown dimension is None, an unknown rank too."""

    dtype: str
    shape: tuple[int | None, ...] | None


class Signature(NamedTuple):
    """Inputs and outputs by name."""

    inputs: dict[str, Tensor]
    outputs: dict[str, Tensor]


class SessionOptions(NamedTuple):
    """How a SavedModel is loaded and run.

    Attributes:
        tags: Of the meta graph to load.
        intra_op_threads: Threads of one operation; 0: as many as there are cores.
        inter_op_threads: Operations at a time; 0: as many as there are cores.
        more_ops: Operations that its graph may run beside those that only compute, see `graph_ops`.
    """

    tags: tuple[str, ...] = ("serve",)
    intra_op_threads: int = 0
    inter_op_threads: int = 0
    more_ops: tuple[str, ...] = ()


ORDINARY = SessionOptions()


class Servable(abc.ABC):
    """A loaded version folder, safe to call from many threads.

    Args:
        folder: The version folder.
        signatures: What it can be asked, by name.
    """

    def __init__(self, folder: Path, signatures: Mapping[str, Signature]) -> None:
        self.folder = folder
        self.signatures = signatures

    @staticmethod
    def load(
        version_dir: Path,
        *,
        saved_model: bool = False,
        warm_up: bool = True,
        session: SessionOptions = ORDINARY,
    ) -> "Servable":
        """Loads `version_dir`.

        Args:
            saved_model: Takes the SavedModel where the folder has a twin too, which needs no TensorFlow.
            warm_up: Lets a twin answer once, so that its files are read.
            session: Of the SavedModel.

        Raises:
            ServableError: It is no version folder, is damaged, is not of the kind that it says, or would run
                operations that are not allowed.
        """
        from components.records.expected_signature import check_signature

        light = has_twin(version_dir) and not saved_model
        try:
            if broken := damaged(version_dir, below=TWIN_FILES if light else SAVED_MODEL_FILES):
                raise ServableError(DATA_LOSS, f"damaged files: {', '.join(broken)}")
            servable = _twin(version_dir, warm_up=warm_up) if light else _saved_model(version_dir, session)
            check_signature(version_dir, servable.signatures)
        except ServableError:
            raise
        except ValueError as error:
            raise ServableError(FAILED_PRECONDITION, str(error)) from error
        return servable

    @property
    def manifest(self) -> Manifest:
        """The `arbiter.json` beside the model. Raises as `read_manifest` does."""
        return read_manifest(self.folder)

    @property
    @abc.abstractmethod
    def signature_defs(self) -> "Mapping[str, meta_graph_pb2.SignatureDef]":
        """The signatures as the SavedModel describes them."""

    @abc.abstractmethod
    def predict(
        self, signature: str, inputs: Mapping[str, Array], *, outputs: Sequence[str] = ()
    ) -> dict[str, Array]:
        """Runs a signature.

        Args:
            signature: Its name; `DEFAULT_SIGNATURE` is the usual one.
            inputs: One array per input; strings as object arrays of bytes.
            outputs: The outputs to compute; none named means all.

        Returns: The outputs by name; strings as object arrays of bytes.
        Raises:
            ValueError: No such signature, input or output.
            ServableError: The model refuses the inputs.
        """

    def checked(self, signature: str, inputs: Mapping[str, Array], outputs: Sequence[str]) -> Sequence[str]:
        """The outputs to compute, once the names of a call have been found to be the signature's."""
        known = self.signatures.get(signature)
        if known is None:
            raise ValueError(f"`signature` must be one of {sorted(self.signatures)}. Received: {signature!r}")
        if set(inputs) != set(known.inputs):
            raise ValueError(f"`inputs` must be {sorted(known.inputs)}. Received: {sorted(inputs)}")
        if not set(outputs) <= set(known.outputs):
            raise ValueError(f"`outputs` must be among {sorted(known.outputs)}. Received: {sorted(outputs)}")
        return outputs or list(known.outputs)


def _twin(version_dir: Path, *, warm_up: bool) -> Servable:
    if (version_dir / RANK_TWIN).is_file():
        from components.records.hyprank.twin import RankTwin

        return RankTwin.open(version_dir, warm_up=warm_up)
    if twin_kind(version_dir) == "domain":
        from components.records.domain_twin.twin import DomainTwin

        return DomainTwin.open(version_dir, warm_up=warm_up)
    from components.records.twin.twin import Twin

    return Twin.open(version_dir, warm_up=warm_up)


def _saved_model(version_dir: Path, session: SessionOptions) -> Servable:
    from components.records.saved_model import SavedModel

    return SavedModel.open(version_dir, session)
