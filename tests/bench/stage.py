"""Where things are measured: instances with the demonstration in them, a PostgreSQL of our own, servers."""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import psycopg
from flask import Flask
from sqlalchemy import make_url

from config import Settings
from examapp import create_app
from examapp.core.cli import web_command
from tests.bench.cpu import cpu_seconds
from tests.bench.figures import ROOT
from tools.test import postgresql_programs, throw_away_cluster

FOLDER = ROOT / "build" / "bench"
SECRET = "only for measuring, served to this machine alone"


class CannotMeasureError(Exception):
    """Something is missing here; the message says what."""


@dataclass(frozen=True)
class Cluster:
    """A running PostgreSQL with fsync on, and its first process."""

    programs: Path
    url: str
    pid: int

    def create(self, name: str, template: str = "template1") -> str:
        """A database of that name, in place of an older one; gives its address."""
        with psycopg.connect(plain(self.url), autocommit=True) as connection:
            connection.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")  # type: ignore[arg-type]
            connection.execute(f"CREATE DATABASE {name} TEMPLATE {template}")  # type: ignore[arg-type]
        return self.url.rsplit("/", 1)[0] + "/" + name

    def drop(self, name: str) -> None:
        with psycopg.connect(plain(self.url), autocommit=True) as connection:
            connection.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")  # type: ignore[arg-type]


def plain(url: str) -> str:
    """An address of SQLAlchemy as the driver reads it."""
    return make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)


@dataclass(frozen=True)
class Instance:
    """An installation: its folder, its database, and the cluster when the database is in one."""

    folder: Path
    url: str
    cluster: Cluster | None = None

    @property
    def kind(self) -> str:
        return "postgresql" if self.cluster else "sqlite"

    def settings(self) -> Settings:
        return Settings(secret_key=SECRET, data=self.folder, database_url=self.url, demo=True)

    def environment(self) -> dict[str, str]:
        own = {"SECRET_KEY": SECRET, "DATA": str(self.folder), "DATABASE_URL": self.url, "DEMO": "1"}
        inherited = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
        return {**inherited, **own}

    def app(self) -> Flask:
        return create_app(self.settings())

    def command(self, *words: str) -> None:
        """Run ``examapp WORDS`` on this installation."""
        command = [sys.executable, "-m", "examapp", *words]
        subprocess.run(command, cwd=ROOT, env=self.environment(), check=True, stdout=subprocess.DEVNULL)

    def copy(self, name: str) -> Instance:
        """The same installation again, to be changed freely."""
        folder = _empty(FOLDER / name / self.kind)
        if self.cluster:
            database = self.url.rsplit("/", 1)[1]
            return Instance(folder, self.cluster.create(name, database), self.cluster)
        shutil.copy(self.folder / "thuocdo.sqlite", folder)
        return Instance(folder, f"sqlite:///{folder / 'thuocdo.sqlite'}")


def _empty(folder: Path) -> Path:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder


@contextlib.contextmanager
def cluster() -> Iterator[Cluster]:
    """PostgreSQL as it is installed in production: nothing of its durability is switched off."""
    programs = postgresql_programs()
    if programs is None:
        raise CannotMeasureError("không có PostgreSQL (apt install postgresql)")
    with throw_away_cluster(programs, durable=True) as url:
        with psycopg.connect(plain(url)) as connection:
            row = connection.execute("SHOW data_directory").fetchone()
            assert row is not None
        pid = int((Path(row[0]) / "postmaster.pid").read_text(encoding="ascii").split()[0])
        yield Cluster(programs, url, pid)


@contextlib.contextmanager
def demonstration(kind: str) -> Iterator[Instance]:
    """An installation with the demonstration of today in it; built once a day and version, then reused."""
    with contextlib.ExitStack() as stack:
        if kind == "sqlite":
            yield _sqlite_demonstration()
        else:
            yield _postgresql_demonstration(stack.enter_context(cluster()))


def build(instance: Instance) -> Instance:
    instance.command("db", "upgrade")
    instance.command("demo")
    return instance


def fresh_sqlite(name: str) -> Instance:
    folder = _empty(FOLDER / name / "sqlite")
    return Instance(folder, f"sqlite:///{folder / 'thuocdo.sqlite'}")


PARTS = (
    "migrations/versions/*.py",
    "examapp/demonstration/*.py",
    "examapp/accounts/passwords.py",
    "question_bank/starter/*.gift",
)


def _stamp() -> str:
    """What the demonstration depends on: the tables, the way it is built, how passwords are hashed, the day."""
    digest = hashlib.sha256(str(date.today()).encode())
    for pattern in PARTS:
        for path in sorted(ROOT.glob(pattern)):
            digest.update(path.read_bytes())
    return digest.hexdigest()[:12]


def _sqlite_demonstration() -> Instance:
    name = f"demonstration-{_stamp()}"
    folder = FOLDER / name / "sqlite"
    if not (folder / "built").exists():
        build(fresh_sqlite(name))
        (folder / "built").touch()
    return Instance(folder, f"sqlite:///{folder / 'thuocdo.sqlite'}")


def _postgresql_demonstration(server: Cluster) -> Instance:
    """The cluster is new each time, so what is kept is a dump."""
    folder = FOLDER / f"demonstration-{_stamp()}" / "postgresql"
    dump = folder / "dump"
    instance = Instance(folder, server.create("demonstration"), server)
    if dump.exists():
        subprocess.run([server.programs / "pg_restore", "-d", plain(instance.url), dump], check=True)
    else:
        _empty(folder)
        build(instance)
        subprocess.run([server.programs / "pg_dump", "-Fc", "-f", dump, plain(instance.url)], check=True)
    return instance


@dataclass(frozen=True)
class Server:
    """A running web server; ``cpu`` is of its processes, the arbiter's with those of its workers."""

    port: int
    pid: int

    @property
    def cpu(self) -> float:
        return cpu_seconds(self.pid)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextlib.contextmanager
def serving(instance: Instance, app: str = "examapp:create_app()", **environment: str) -> Iterator[Server]:
    """``app`` behind the web server of ``examapp serve``, with the same settings; the job runner is left out."""
    port = free_port()
    settings = Settings(secret_key=SECRET, data=instance.folder, database_url=instance.url, port=port)
    command = [app if word == "examapp:create_app()" else word for word in web_command(settings)]
    process = subprocess.Popen(command, cwd=ROOT, env={**instance.environment(), **environment})
    try:
        _wait_for(port, process)
        yield Server(port, process.pid)
    finally:
        process.terminate()
        process.wait(timeout=40)


def _wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    for _ in range(300):
        if process.poll() is not None:
            raise CannotMeasureError("máy chủ web không khởi động được")
        with contextlib.suppress(OSError, urllib.error.URLError):
            urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=5).read()
            return
        time.sleep(0.1)
    raise CannotMeasureError("máy chủ web không trả lời sau 30 giây")
