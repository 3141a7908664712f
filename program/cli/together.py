"""Web pages and clock, started and stopped as one: two processes of one group, the clock put up again if it falls.

The web server decides: when it ends, all ends. A clock that dies is replaced after a pause, as nothing is lost
meanwhile: what is due stays due.
"""

from __future__ import annotations

import ctypes
import logging
import os
import signal
import sys
import time
from collections.abc import Callable

_log = logging.getLogger("milepost.serve")
# Seconds between a clock's death and the next one, growing while they die young.
_FIRST_PAUSE, _LONGEST_PAUSE, _OLD = 1.0, 10.0, 60.0
_PR_SET_PDEATHSIG = 1
_ENDING = (signal.SIGTERM, signal.SIGINT)


def run(web: Callable[[], object], clock: Callable[[], object]) -> int:
    """Run both until the web server ends or this process is told to. Returns the exit code of the web server."""
    sys.stdout.flush()
    pair = _Pair(web, clock)
    for number in _ENDING:
        signal.signal(number, pair.end)
    return pair.watch()


class _Pair:
    def __init__(self, web: Callable[[], object], clock: Callable[[], object]) -> None:
        self._clock_work = clock
        self._ending = False
        self._web = _start(web)
        self._clock = _start(clock)
        self._clock_began = time.monotonic()
        self._pause = _FIRST_PAUSE

    def end(self, *_: object) -> None:
        """Ask both to end; `watch` waits for them."""
        self._ending = True
        for process in (self._web, self._clock):
            _ask_to_end(process)

    def watch(self) -> int:
        """Wait for whichever ends, until it is the web server."""
        while True:
            process, status = _wait()
            if process == self._web:
                break
            if process == self._clock and not self._ending:
                self._replace_clock(os.waitstatus_to_exitcode(status))
        code = os.waitstatus_to_exitcode(status)
        self.end()
        while _wait()[0]:
            pass
        return code if code >= 0 else 0 if -code in _ENDING else 1

    def _replace_clock(self, code: int) -> None:
        lived = time.monotonic() - self._clock_began
        self._pause = _FIRST_PAUSE if lived > _OLD else min(self._pause * 2, _LONGEST_PAUSE)
        _log.warning("the clock ended; it is started again", extra={"fields": {"code": code, "pause": self._pause}})
        self._clock = 0
        until = time.monotonic() + self._pause
        while not self._ending and time.monotonic() < until:
            time.sleep(0.1)
        if not self._ending:
            self._clock, self._clock_began = _start(self._clock_work), time.monotonic()


def _start(work: Callable[[], object]) -> int:
    """Run the work in a process of its own, which ends when this one does."""
    process = os.fork()
    if process:
        return process
    code = 1
    try:
        for number in _ENDING:
            signal.signal(number, signal.SIG_DFL)
        if sys.platform == "linux":
            ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
        work()
        code = 0
    except SystemExit as ending:
        code = ending.code if isinstance(ending.code, int) else 1
    except KeyboardInterrupt:
        code = 0
    except BaseException:
        logging.getLogger("milepost.serve").exception("a process of the server failed")
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def _wait() -> tuple[int, int]:
    """The next process that ended, with its status; (0, 0) when there is none left."""
    try:
        return os.wait()
    except ChildProcessError:
        return 0, 0


def _ask_to_end(process: int) -> None:
    if process:
        try:
            os.kill(process, signal.SIGTERM)
        except ProcessLookupError:
            return
