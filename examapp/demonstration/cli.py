"""The command ``examapp demo``. What it builds is imported when it is called: the server never needs it."""

from __future__ import annotations

import time

import click
from flask import current_app
from flask.cli import with_appcontext
from sqlalchemy import func, select

from examapp.accounts.models import Account
from examapp.core.db import db, unit_of_work
from examapp.organisation.models import Official


@click.command("demo")
@click.option("--if-empty", is_flag=True, help="Không làm gì nếu cơ sở dữ liệu đã có dữ liệu.")
@with_appcontext
def demo(if_empty: bool) -> None:
    """Dựng dữ liệu trình diễn (mọi người, đơn vị, kết quả đều là dữ liệu mẫu)."""
    settings = current_app.config["SETTINGS"]
    if not settings.demo:
        if if_empty:
            return
        raise click.ClickException("Chỉ dựng dữ liệu trình diễn khi DEMO=1, để không trộn với dữ liệu thật.")
    if db.session.scalar(select(func.count()).select_from(Account)):
        if not if_empty:
            raise click.ClickException("Cơ sở dữ liệu đã có dữ liệu. Hãy chọn thư mục khác: DATA=thu-muc-moi.")
    else:
        click.echo("Đang dựng dữ liệu trình diễn…")
        began = time.monotonic()
        db.session.rollback()
        with unit_of_work():
            _build()
        people = db.session.scalar(select(func.count()).select_from(Official))
        click.echo(f"Đã dựng xong trong {time.monotonic() - began:.0f} giây: {people} người, đều là dữ liệu mẫu.")
    _tell()


def _build() -> None:
    from examapp.demonstration.build import build

    build()


def _tell() -> None:
    from examapp.demonstration import accounts

    settings = current_app.config["SETTINGS"]
    click.echo(f"\n  Địa chỉ:  http://{settings.host}:{settings.port}")
    click.echo(f"  Mật khẩu của mọi tài khoản trình diễn:  {accounts.PASSWORD}\n")
    for persona in accounts.PERSONAS:
        click.echo(f"  {persona.login:<10} {persona.name.removesuffix(' (trình diễn)')}")
    for login, words in accounts.example_officials():
        click.echo(f"  {login:<10} {words[0].upper()}{words[1:]}")
    click.echo("")
