"""Servers under measurement: two gunicorn workers each, in a process of their own, and the memory they really take."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from program.cli import workers
from program.cli.bench.load import Client, Request

WORKERS = 2


def free_port() -> int:
    """A port of the loopback that nobody listens on right now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def server(
    target: str, environment: dict[str, str], alive: str, configuration: str = ""
) -> Iterator[tuple[int, int, float]]:
    """Serve `target` (module:app), as the module `configuration` tells gunicorn.

    Gives its port, its process id and how many seconds it took to answer `alive`.
    """
    port = free_port()
    command = [sys.executable, "-m", "gunicorn", target, "--bind", f"127.0.0.1:{port}", "--preload"]
    command += ["--workers", str(WORKERS), "--threads", str(workers.threads), "--worker-class", "gthread"]
    command += ["--log-level", "error", "--keep-alive", "30", "--no-control-socket"]
    if configuration:
        command += ["-c", f"python:{configuration}"]
    started = time.perf_counter()
    process = subprocess.Popen(command, env={**os.environ, **environment})  # noqa: S603 - our own command
    try:
        _wait_until_alive(port, alive, process)
        yield port, process.pid, time.perf_counter() - started
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=30)


def _wait_until_alive(port: int, path: str, process: subprocess.Popen[bytes]) -> None:
    deadline = time.perf_counter() + 60
    while time.perf_counter() < deadline:
        if process.poll() is not None:
            raise RuntimeError("The server under measurement stopped at once.")
        client = Client(port)
        try:
            status, _body = client.ask(Request(path))
            if status == 200:
                return
        except OSError:
            time.sleep(0.01)
        finally:
            client.close()
    raise RuntimeError("The server under measurement did not answer within a minute.")


def proportional_memory(process_id: int) -> tuple[float, float]:
    """MB of proportional memory (PSS) of all workers together, and of the largest one."""
    workers = []
    for status in Path("/proc").glob("[0-9]*/status"):
        try:
            if f"PPid:\t{process_id}\n" in status.read_text():
                rollup = (status.parent / "smaps_rollup").read_text()
                workers.append(int(rollup.split("Pss:")[1].split()[0]) / 1024)
        except (FileNotFoundError, ProcessLookupError):
            continue  # it ended while we looked
    return sum(workers), max(workers, default=0.0)
