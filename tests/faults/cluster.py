"""What a run has of its own and may break: a small disk, a PostgreSQL on it."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psycopg

from tests.bench.stage import free_port
from tests.faults.processes import descendants, kill

DISK_MB = 160
PATIENCE_S = 60


@dataclass(frozen=True)
class Disk:
    """A folder; a disk of its own when this machine lets us mount one, so that it can be filled."""

    folder: Path
    small: bool

    @property
    def _ballast(self) -> Path:
        return self.folder / "ballast"

    def fill(self) -> None:
        """To the last byte."""
        assert self.small
        with self._ballast.open("ab", buffering=0) as file:
            for size in (1 << 20, 4096, 64, 1):
                with contextlib.suppress(OSError):
                    while file.write(b"\0" * size) == size:
                        pass

    def free(self) -> None:
        self._ballast.unlink(missing_ok=True)


@contextlib.contextmanager
def disk() -> Iterator[Disk]:
    """Mounted for the run and gone after it."""
    folder = Path(tempfile.mkdtemp(prefix="thuocdo-faults-"))
    mounted = os.geteuid() == 0 and _quietly("mount", "-t", "tmpfs", "-o", f"size={DISK_MB}m", "tmpfs", str(folder))
    folder.chmod(0o755)
    try:
        yield Disk(folder, mounted)
    finally:
        if mounted:
            for _ in range(20):
                if _quietly("umount", str(folder)):
                    break
                time.sleep(0.5)
            else:
                _quietly("umount", "-l", str(folder))
        shutil.rmtree(folder, ignore_errors=True)


def _quietly(*command: str) -> bool:
    try:
        return (
            subprocess.run(command, check=False, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode == 0
        )
    except OSError:
        return False


@dataclass
class Cluster:
    """A PostgreSQL with its commits on the disk, as an installation has it."""

    programs: Path
    folder: Path
    port: int

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.port}/postgres"

    @property
    def url(self) -> str:
        return f"postgresql+psycopg://thuocdo@{self.address}"

    @property
    def _data(self) -> Path:
        return self.folder / "data"

    def _control(self, *words: str) -> bool:
        command = [*_as_user(), str(self.programs / "pg_ctl"), "-D", str(self._data), "-w", "-t", "30", *words]
        return _quietly(*command)

    def start(self) -> None:
        """Until it takes connections; after a crash it first reads its log again."""
        options = f"-p {self.port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={self.folder}"
        options += " -c min_wal_size=16MB -c max_wal_size=32MB"
        until = time.monotonic() + PATIENCE_S
        while not self._is_up():
            self._control("-o", options, "-l", f"{self.folder}/log", "start")
            if time.monotonic() > until:
                raise RuntimeError(f"cụm PostgreSQL không khởi động lại được, xem {self.folder}/log")

    def _is_up(self) -> bool:
        address = f"postgresql://thuocdo@{self.address}"
        try:
            with psycopg.connect(address, connect_timeout=2) as connection:
                connection.execute("SELECT 1")
        except psycopg.Error:
            return False
        return True

    def stop_immediately(self) -> None:
        """As at a power cut, but tidy: no checkpoint, recovery at the next start."""
        self._control("-m", "immediate", "stop")

    def kill(self) -> None:
        """SIGKILL to the first process and every other of this cluster."""
        file = self._data / "postmaster.pid"
        if file.exists():
            first = int(file.read_text(encoding="ascii").split()[0])
            family = [first, *descendants(first)]
            kill(family, signal.SIGKILL)


def _as_user() -> list[str]:
    return ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []


@contextlib.contextmanager
def cluster(programs: Path, folder: Path) -> Iterator[Cluster]:
    folder.mkdir()
    if _as_user():
        shutil.chown(folder, "postgres")
    made = Cluster(programs, folder, free_port())
    # small pieces of log, so that a small disk holds a few of them
    init = [str(programs / "initdb"), "-D", str(folder / "data"), "-U", "thuocdo", "-A", "trust", "--wal-segsize=4"]
    subprocess.run([*_as_user(), *init], check=True, stdout=subprocess.DEVNULL)
    try:
        made.start()
        yield made
    finally:
        made.stop_immediately()
