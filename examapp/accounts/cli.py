"""Commands for an installation in which nobody can sign in yet."""

from __future__ import annotations

import click
from flask import current_app
from flask.cli import AppGroup
from sqlalchemy import select

from examapp.accounts.models import Account, Grant, Role
from examapp.accounts.sessions import normal_login
from examapp.accounts.slips import issue
from examapp.audit.services import record
from examapp.core import clock
from examapp.core.db import db, unit_of_work
from examapp.core.errors import HouseError
from examapp.core.text import format_moment

accounts_group = AppGroup("accounts", help="Tài khoản: tạo, cấp mã đăng nhập lần đầu.")


@accounts_group.command("create")
@click.argument("login")
@click.option("--name", required=True, help="Họ và tên.")
@click.option(
    "--role",
    "roles",
    multiple=True,
    type=click.Choice([role.value for role in Role]),
    help="Vai trò, dùng được nhiều lần.",
)
def create(login: str, name: str, roles: tuple[str, ...]) -> None:
    """Tạo tài khoản LOGIN, giao vai trò toàn hệ thống và in mã đăng nhập lần đầu."""
    from examapp.accounts.services import create_account

    with unit_of_work():
        try:
            account = create_account(name, login)
        except HouseError as error:
            raise click.ClickException(error.message) from None
        for role in dict.fromkeys(roles):
            db.session.add(
                Grant(account_id=account.id, role=Role(role), valid_from=clock.today(), basis="examapp accounts")
            )
            record("account.role_given", "account", account.id, login=account.login, role=role)
        _issue(account)


@accounts_group.command("code")
@click.argument("login")
def code(login: str) -> None:
    """Cấp mã đăng nhập mới cho tài khoản LOGIN, khi không còn người quản trị nào vào được."""
    with unit_of_work():
        account = db.session.scalar(select(Account).where(Account.login == normal_login(login)))
        if account is None:
            raise click.ClickException(f"Không có tài khoản {login}.")
        _issue(account)


def _issue(account: Account) -> None:
    days = current_app.config["SETTINGS"].sign_in_code_days
    [slip] = issue([account], by=None, days=days, now=clock.now())
    click.echo(f"Tài khoản: {slip.login} ({slip.name})")
    click.echo(f"Mã đăng nhập lần đầu: {slip.code}, dùng một lần đến {format_moment(slip.expires_at)}")
    click.echo("Mở trang /account/first, nhập tên đăng nhập và mã, rồi đặt mật khẩu.")
