"""``make run``: database, demonstration data when there are none, then the server. Starts in seconds the next time."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def main() -> None:
    examapp = [sys.executable, "-m", "examapp"]
    os.chdir(ROOT)
    for step in (["db", "upgrade"], ["demo", "--if-empty"]):
        code = subprocess.run([*examapp, *step], check=False).returncode
        if code:
            sys.exit(code)
    if os.name == "nt":
        sys.exit(subprocess.run([*examapp, "serve"], check=False).returncode)
    os.execv(sys.executable, [*examapp, "serve"])


if __name__ == "__main__":
    main()
