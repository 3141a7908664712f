"""How web processes start: what they share is left in peace by what they add."""

from __future__ import annotations

import platform
import subprocess
import sys
from pathlib import Path

import pytest

# Every second piece is given back, which leaves a thousand holes; then new ones of that size are asked for.
HOLES = """
import ctypes
from program.cli import workers

def place(piece):
    return ctypes.addressof(ctypes.c_char.from_buffer(piece))

pieces = [bytearray(1000) for _ in range(2000)]
end = max(map(place, pieces))
del pieces[::2]
workers._fill_holes()
added = [bytearray(1000) for _ in range(100)]
print(sum(place(piece) > end for piece in added))
"""


@pytest.mark.one_database
@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="other libraries manage their heap in other ways")
def test_what_a_worker_adds_lies_beside_what_all_share(project_root: Path):
    run = subprocess.run([sys.executable, "-c", HOLES], cwd=project_root, capture_output=True, text=True, check=True)
    # Seven pieces of each size wait in the thread's own pocket, which no other thread sees.
    assert int(run.stdout) >= 90
