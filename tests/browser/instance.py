"""A real installation for the browser: built once a run with the demonstration in it, a copy served with its runner."""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 60
"""Seconds a starting server may take on a busy machine."""


@dataclass(frozen=True)
class Site:
    """A running installation."""

    url: str
    folder: Path

    def run(self, *words: str) -> str:
        """What ``examapp WORDS`` says on this installation."""
        return _examapp(self.folder, *words)


def _environment(folder: Path, **more: str) -> dict[str, str]:
    own = {"DEMO": "1", "DATA": str(folder), "SUPPORT_PHONE": "0203 000 000 (số mẫu)"}
    inherited = {name: value for name, value in os.environ.items() if name not in {"DATABASE_URL", "SECRET_KEY"}}
    return {**inherited, **own, **more}


def _examapp(folder: Path, *words: str) -> str:
    command = [sys.executable, "-m", "examapp", *words]
    done = subprocess.run(command, cwd=ROOT, env=_environment(folder), capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"examapp {' '.join(words)}: {done.stdout}{done.stderr}"
    return done.stdout


def build(folder: Path) -> None:
    """The demonstration, made by the commands that ``make run`` uses; a folder that has it stays as it is."""
    stamp = folder / "built"
    if not stamp.exists():
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        _examapp(folder, "db", "upgrade")
        _examapp(folder, "demo")
        stamp.touch()


@contextlib.contextmanager
def serving(built: Path, folder: Path) -> Iterator[Site]:
    """``examapp serve`` on a copy of ``built``: web server and job runner."""
    shutil.copytree(built, folder)
    port = _free_port()
    log = folder / "server.log"
    with log.open("w", encoding="utf-8") as output:
        server = subprocess.Popen(
            [sys.executable, "-m", "examapp", "serve"],
            cwd=ROOT,
            env=_environment(folder, PORT=str(port), HOST="127.0.0.1"),
            stdout=output,
            stderr=subprocess.STDOUT,
        )
        try:
            url = f"http://127.0.0.1:{port}"
            _wait_for(f"{url}/readyz", server, log)
            yield Site(url, folder)
        finally:
            server.terminate()
            server.wait(timeout=PATIENCE)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _wait_for(url: str, server: subprocess.Popen[bytes], log: Path) -> None:
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        assert server.poll() is None, f"the server ended: {log.read_text(encoding='utf-8')[-2000:]}"
        with contextlib.suppress(OSError), urllib.request.urlopen(url, timeout=5):
            return
        time.sleep(0.2)
    raise AssertionError(f"no answer from {url} after {PATIENCE} s: {log.read_text(encoding='utf-8')[-2000:]}")
