"""Find a Chromium for the browser tests, or install one where this machine lets us.

Order: one named by MILEPOST_CHROMIUM, one on the PATH, one that Playwright keeps, Debian's package (as root, with
apt-get), Playwright's own download. Prints the path. Without any: exit 1 in CI, else 0 with the reason, because the
tests that need it then say that they were skipped.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def find() -> str | None:
    """The path of a Chromium that is here, or None."""
    named = os.environ.get("MILEPOST_CHROMIUM")
    if named:
        return named
    for name in NAMES:
        if path := shutil.which(name):
            return path
    kept = Path(os.environ.get("PLAYWRIGHT_BROWSERS_PATH", Path.home() / ".cache" / "ms-playwright"))
    for pattern in ("chromium-*/chrome-linux*/chrome", "chromium_headless_shell-*/*/headless_shell"):
        for path in sorted(kept.glob(pattern)):
            return str(path)
    return None


def install() -> None:
    """Try Debian's package, then Playwright's download; whichever works."""
    if shutil.which("apt-get") and os.geteuid() == 0:
        environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        update = subprocess.run(["apt-get", "update", "-qq"], env=environment, check=False)
        if update.returncode == 0:
            packages = ["chromium", "fonts-dejavu-core"]
            command = ["apt-get", "install", "-y", "-qq", *packages]
            subprocess.run(command, env=environment, check=False, stdout=subprocess.DEVNULL)
        if find():
            return
    subprocess.run([sys.executable, "-m", "playwright", "install", "chromium"], check=False)


def main() -> int:
    """Say where the browser is."""
    if find() is None and "--install" in sys.argv:
        install()
    path = find()
    if path:
        print(f"Browser for the tests: {path}")
        return 0
    print("No Chromium found, and none could be installed, so the browser tests cannot run.")
    print("Install Chromium, or say where one is with MILEPOST_CHROMIUM.")
    return 1 if os.environ.get("CI") else 0


if __name__ == "__main__":
    sys.exit(main())
