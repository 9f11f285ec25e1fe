"""Whatever is printed, by whatever way, goes to the log; the yielded stream still reaches the terminal."""

import logging
import os
import sys

from pipelines.logs import captured


def test_everything_goes_to_the_log_but_what_is_meant_for_the_terminal(tmp_path, capfd):
    log = tmp_path / "logs" / "run.log"
    with captured(log) as terminal:
        print("from print")
        print("from stderr", file=sys.stderr)
        os.write(2, b"from C++\n")
        logging.getLogger("some.library").info("from logging")
        print("for the person", file=terminal)
    print("afterwards")
    shown = capfd.readouterr()
    assert shown.out.splitlines() == ["for the person", "afterwards"]
    assert shown.err == ""
    kept = log.read_text(encoding="utf-8")
    for source in ("print", "stderr", "C++", "logging"):
        assert f"from {source}" in kept
    assert "for the person" not in kept


def test_handlers_and_descriptors_are_restored_after_an_error(tmp_path, capfd):
    root = logging.getLogger()
    before = root.handlers[:], root.level, len(os.listdir("/proc/self/fd"))
    for _ in range(3):
        try:
            with captured(tmp_path / "run.log"):
                raise KeyError
        except KeyError:
            pass
    assert (root.handlers[:], root.level, len(os.listdir("/proc/self/fd"))) == before
    os.write(2, b"still here\n")
    assert capfd.readouterr().err == "still here\n"
