"""One copy in memory of each version folder, for all who load it in this process."""

import threading
import weakref
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path

from components.records.servable import Servable


class SharedServables:
    """Gives the servable that is loaded already, as long as anybody holds it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._loading: defaultdict[Path, threading.Lock] = defaultdict(threading.Lock)
        self._loaded: weakref.WeakValueDictionary[Path, Servable] = weakref.WeakValueDictionary()

    def load(self, folder: Path, make: Callable[[Path], Servable] = Servable.load) -> Servable:
        """The servable of `folder`. Raises as `make` does.

        Args:
            make: Loads it where nobody has.
        """
        folder = folder.absolute()
        with self._lock:
            loading = self._loading[folder]
        with loading:  # others of the same folder wait for it
            servable = self._loaded.get(folder)
            if servable is None:
                servable = self._loaded[folder] = make(folder)
            return servable
