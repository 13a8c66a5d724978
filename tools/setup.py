"""Make ``.venv`` from the hash-pinned lists: ``python3 tools/setup.py runtime|dev``. Standard library only."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
LISTS = {"runtime": "requirements.txt", "dev": "requirements-dev.txt"}


def make_environment() -> None:
    """Create the virtual environment; on Debian its module is a package of its own."""
    if PYTHON.exists():
        return
    command = [sys.executable, "-m", "venv", str(VENV)]
    if subprocess.run(command, capture_output=True, check=False).returncode == 0:
        return
    shutil.rmtree(VENV, ignore_errors=True)
    if hasattr(os, "geteuid") and os.geteuid() == 0 and shutil.which("apt-get"):
        subprocess.run(["apt-get", "update", "-qq"], check=False)
        subprocess.run(["apt-get", "install", "-y", "-qq", "python3-venv"], check=True)
        subprocess.run(command, check=True)
        return
    sys.exit("Không tạo được môi trường Python. Trên Debian, Ubuntu hãy chạy: sudo apt install python3-venv")


def install(name: str) -> None:
    requirements = ROOT / LISTS[name]
    uv = shutil.which("uv")
    if uv:
        command = [uv, "pip", "install", "--quiet", "--python", str(PYTHON)]
    else:
        command = [str(PYTHON), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*command, "--require-hashes", "-r", str(requirements)], check=True)
    if name == "runtime":  # the command `examapp`, and the packages found from anywhere
        subprocess.run([*command, "--no-deps", "--no-build-isolation", "-e", str(ROOT)], check=True)


def main() -> None:
    if sys.version_info < (3, 11):  # noqa: UP036 - this file is run by whatever python3 the machine has
        sys.exit(f"Cần Python 3.11 trở lên, máy này có {sys.version.split()[0]}.")
    name = sys.argv[1] if len(sys.argv) > 1 else "runtime"
    print("Đang cài các gói Python (lần đầu mất khoảng một phút)…", flush=True)
    make_environment()
    install(name)
    (VENV / name).touch()


if __name__ == "__main__":
    main()
