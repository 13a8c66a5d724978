"""Commands of the house: database, serving."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import click
from flask import current_app
from flask.cli import AppGroup, with_appcontext

from config import ROOT, Settings
from examapp.core import db as database
from examapp.core.db import db
from examapp.core.models import Deployment

if TYPE_CHECKING:
    from alembic.config import Config

database_group = AppGroup("db", help="Cơ sở dữ liệu: nâng cấp, lùi, phiên bản.")


def alembic_config() -> Config:
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(ROOT / "migrations"))
    config.set_main_option("path_separator", "os")
    return config


def upgrade_database(revision: str = "head") -> None:
    """Bring the schema to ``revision`` and give a new database its epoch."""
    from alembic import command

    command.upgrade(alembic_config(), revision)
    with database.unit_of_work() as session:
        if session.get(Deployment, 1) is None:
            session.add(Deployment(id=1, epoch=database.new_reference()))


def load_shipped() -> int:
    """Store what ships with the rooms and is not there yet: positions, law, sample questions as drafts, schemes."""
    with database.unit_of_work():
        return sum(room.shipped() for room in current_app.extensions["rooms"] if room.shipped)


@database_group.command("upgrade")
@click.argument("revision", default="head")
def upgrade(revision: str) -> None:
    """Nâng cấp cơ sở dữ liệu tới REVISION (mặc định: mới nhất) và nạp danh mục đi kèm còn thiếu."""
    upgrade_database(revision)
    added = load_shipped() if revision == "head" and not current_app.config["SETTINGS"].demo else 0
    click.echo("Cơ sở dữ liệu đã ở phiên bản mới nhất." + (f" Đã nạp {added} mục đi kèm." if added else ""))


@database_group.command("downgrade")
@click.argument("revision")
def downgrade(revision: str) -> None:
    """Lùi cơ sở dữ liệu về REVISION."""
    from alembic import command

    command.downgrade(alembic_config(), revision)
    click.echo(f"Cơ sở dữ liệu đã lùi về {revision}.")


@click.command("serve")
@with_appcontext
def serve() -> None:
    """Chạy máy chủ web và bộ chạy việc nền bên cạnh."""
    settings = current_app.config["SETTINGS"]
    db.engine.dispose()
    runner = subprocess.Popen([sys.executable, "-m", "examapp.core.runner"])
    web = subprocess.Popen(web_command(settings))  # noqa: S603 - our own arguments only
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: web.terminate())
    try:
        _tell_when_ready(settings, web)
        code = web.wait()
    finally:
        runner.terminate()
        runner.wait(timeout=20)
    sys.exit(0 if code in (0, -signal.SIGTERM, -signal.SIGINT) else code)


def _tell_when_ready(settings: Settings, web: subprocess.Popen[bytes]) -> None:
    """Say so once the port answers: on a slow machine that takes a while after the start."""
    host = "127.0.0.1" if settings.host in {"0.0.0.0", "::"} else settings.host  # noqa: S104 - compared, not bound
    while web.poll() is None:
        with contextlib.suppress(OSError), socket.create_connection((host, settings.port), timeout=1):
            click.echo(f"Sẵn sàng: http://{host}:{settings.port}. Bấm Ctrl+C để dừng.")
            return
        time.sleep(0.2)


def web_command(settings: Settings) -> list[str]:
    address = f"{settings.host}:{settings.port}"
    if os.name == "nt":
        return [
            sys.executable, "-m", "waitress", f"--listen={address}", f"--threads={settings.threads}",
            "--call", "examapp:create_app",
        ]  # fmt: skip
    return [
        sys.executable, "-m", "gunicorn", "examapp:create_app()", "--config", "python:examapp.core.web_server",
        "--bind", address, "--workers", str(settings.workers), "--threads", str(settings.threads),
    ]  # fmt: skip


commands = (database_group, serve)
