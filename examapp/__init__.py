"""Thước Đo: the web application. Rooms stand in the order of the road; each imports only from rooms before it."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from flask import Flask
from flask_compress import Compress
from flask_wtf.csrf import CSRFProtect

from config import Settings, load_settings

if TYPE_CHECKING:
    from examapp.core.room import Room

ROOMS = (
    "audit",
    "organisation",
    "accounts",
    "bank",
    "practice",
    "rounds",
    "sittings",
    "invigilation",
    "results",
    "evaluation",
    "home",
)
"""From the upstream end of the road to the downstream end."""


def create_app(settings: Settings | None = None) -> Flask:
    """Compose the rooms into one application; refuses to start when a route declares no permission."""
    from examapp.accounts.loader import init_login
    from examapp.core.assets import init_assets
    from examapp.core.db import engine_options, init_database
    from examapp.core.permissions import check_every_route_is_marked, enforce
    from examapp.core.templating import init_templating
    from examapp.core.web import App, RowNumber, init_web

    settings = settings or load_settings()
    app = App(__name__, instance_path=str(settings.data), static_folder=None)
    app.url_map.converters["int"] = RowNumber
    app.config.update(
        SETTINGS=settings,
        SECRET_KEY=settings.secret_key,
        TESTING=settings.testing,
        MAX_CONTENT_LENGTH=settings.max_upload_mb * 1024 * 1024,
        MAX_FORM_MEMORY_SIZE=4 * 1024 * 1024,
        MAX_FORM_PARTS=5000,
        SESSION_COOKIE_NAME="thuocdo",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=settings.secure_cookies,
        TRUSTED_HOSTS=[name.strip() for name in settings.trusted_hosts.split(",") if name.strip()] or None,
        WTF_CSRF_TIME_LIMIT=None,  # an hour would reject the submission of a long exam
        WTF_CSRF_SSL_STRICT=settings.secure_cookies,
        SQLALCHEMY_ENGINES={"default": engine_options(settings.database_url)},
        COMPRESS_MIMETYPES=["text/html", "application/json", "image/svg+xml"],
        COMPRESS_ALGORITHM=["br", "gzip"],
        COMPRESS_BR_LEVEL=4,
        COMPRESS_LEVEL=5,
    )
    if settings.trusted_proxies:
        from werkzeug.middleware.proxy_fix import ProxyFix

        hops = settings.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]
    init_database(app)
    Compress(app)
    CSRFProtect(app)
    init_login(app)
    init_web(app)
    init_templating(app)
    init_assets(app)
    _compose(app)
    app.before_request(enforce)
    check_every_route_is_marked(app)
    return app


def _compose(app: Flask) -> None:
    from examapp.core.cli import commands
    from examapp.core.jobs import init_jobs
    from examapp.core.routes import bp as core
    from examapp.demonstration.cli import demo

    app.register_blueprint(core)
    rooms = [load_room(name) for name in ROOMS]
    app.extensions["rooms"] = rooms
    app.extensions["periodic"] = [act for room in rooms for act in room.periodic]
    app.extensions["seats"] = [room.seats for room in rooms if room.seats]
    app.extensions["conceals"] = [room.conceals for room in rooms if room.conceals]
    app.extensions["awaits"] = [room.awaits for room in rooms if room.awaits]
    app.extensions["rounds"] = [room.rounds for room in rooms if room.rounds]
    app.extensions["unfinished"] = [room.unfinished for room in rooms if room.unfinished]
    app.extensions["sat"] = [room.sat for room in rooms if room.sat]
    app.extensions["readiness"] = [room.readiness for room in rooms if room.readiness]
    init_jobs(app, {kind: act for room in rooms for kind, act in room.jobs.items()})
    for room in rooms:
        app.register_blueprint(room.blueprint)
        for command in room.cli:
            app.cli.add_command(command)
    for command in (*commands, demo):
        app.cli.add_command(command)


def load_room(name: str) -> Room:
    """The declaration of the room called ``name``."""
    room: Room = import_module(f"examapp.{name}").room
    return room


def main() -> None:
    """The command ``examapp``."""
    import click
    from flask.cli import FlaskGroup

    from config import SettingsError

    def load() -> Flask:
        try:
            return create_app()
        except SettingsError as error:
            raise click.ClickException(str(error)) from None

    FlaskGroup(create_app=load, add_default_commands=False, add_version_option=False)()
