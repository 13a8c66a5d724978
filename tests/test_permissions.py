"""Every address of the house with every role: closed unless opened, and reading never writes."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator

import pytest
from flask import Flask
from sqlalchemy import event
from werkzeug.routing import AnyConverter, BaseConverter, IntegerConverter, Rule

from examapp.accounts.models import Role
from examapp.accounts.roles import EVERYONE, OFFICIAL, PERMISSIONS
from examapp.core.db import db
from examapp.core.permissions import STATIC, Permission

READING = {"GET", "HEAD", "OPTIONS"}
NOTED_IN_LOGS = ("audit_events",)
"""Tables of logs: reading a key or exporting is noted in a transaction apart, which is no write of the reader's."""


def rules(app: Flask) -> list[Rule]:
    return sorted((r for r in app.url_map.iter_rules() if r.endpoint != STATIC), key=lambda r: (r.rule, r.endpoint))


def addresses(rule: Rule) -> Iterator[str]:
    """Plausible addresses of a rule; what they name does not exist."""
    places = re.findall(r"<[^>]*?(\w+)>", rule.rule)
    for values in itertools.product(*(_values(rule._converters[place]) for place in places)):
        address = rule.rule
        for value in values:
            address = re.sub(r"<[^>]+>", value, address, count=1)
        yield address


def _values(converter: BaseConverter) -> list[str]:
    match converter:
        case AnyConverter():
            return sorted(converter.items)
        case IntegerConverter():
            return ["999999"]
        case _:
            return ["khong-co"]


def is_public(app: Flask, rule: Rule) -> bool:
    return bool(getattr(app.view_functions[rule.endpoint], "public", False))


def asked(app: Flask, rule: Rule) -> set[Permission]:
    return set(app.view_functions[rule.endpoint].permissions)  # type: ignore[attr-defined]


def test_every_route_says_what_it_asks(app):
    for rule in rules(app):
        view = app.view_functions[rule.endpoint]
        marks = (getattr(view, "public", False), bool(getattr(view, "permissions", ())))
        assert marks.count(True) == 1, f"{rule} is marked {marks}"
        assert all(isinstance(p, Permission) for p in getattr(view, "permissions", ())), rule


def test_addresses_are_written_one_way(app):
    """Lower case, dashes, typed places."""
    for rule in rules(app):
        fixed = re.sub(r"<[^>]+>", "", rule.rule)
        assert fixed == fixed.lower(), rule
        assert "_" not in fixed, rule
        untyped = re.findall(r"<(\w+)>", rule.rule)
        assert not untyped, f"{rule} has places without a type: {untyped}"


def test_every_permission_belongs_to_somebody():
    given = EVERYONE | OFFICIAL | frozenset(itertools.chain.from_iterable(PERMISSIONS.values()))
    assert set(Permission) == set(given)
    assert set(PERMISSIONS) == set(Role)


def test_a_stranger_gets_to_sign_in_and_nowhere_else(app, reader):
    browser = reader()
    for rule in rules(app):
        for address in addresses(rule):
            if is_public(app, rule) or "GET" not in rule.methods:
                continue
            answer = browser.client.get(address)
            assert answer.status_code == 302, f"{address}: {answer.status_code}"
            assert answer.location.startswith("/account/sign-in"), address


def test_a_stranger_cannot_post(app, reader):
    browser = reader()
    for rule in rules(app):
        if is_public(app, rule) or rule.methods <= READING:
            continue
        for method in rule.methods - READING:
            for address in addresses(rule):
                answer = browser.client.open(address, method=method)
                assert answer.status_code in {302, 400, 401, 403}, f"{method} {address}: {answer.status_code}"
                if answer.status_code == 302:
                    assert answer.location.startswith("/account/sign-in"), address


def test_no_public_page_fails(app, reader):
    browser = reader()
    for rule in rules(app):
        if is_public(app, rule) and "GET" in rule.methods:
            for address in addresses(rule):
                assert browser.client.get(address).status_code in {200, 301, 302, 303, 404}, address


@pytest.fixture(params=[None, "official", *Role], ids=str)
def somebody(request, build):
    """An account without a role, an official without one, and one for each role."""
    if request.param is None:
        return build.account(None)
    if request.param == "official":
        return build.account(build.official())
    return build.account(None, request.param)


def may_any(account, build, permissions) -> bool:
    from sqlalchemy.orm import Session

    from examapp.accounts.models import Account

    with build.app.app_context(), Session(db.engine) as session:
        row = session.get_one(Account, account.id)
        return any(row.may(permission) for permission in permissions)


def test_each_role_opens_what_it_may_and_finds_nothing_else(app, build, reader, somebody):
    """Who may not, gets "not found"; who may, never a fault, and reading changes no row."""
    browser = reader(somebody)
    written: list[str] = []

    def watch(connection, cursor, statement, *rest):
        words = statement.split(None, 3)
        if words[0].upper() in {"INSERT", "UPDATE", "DELETE"} and not any(log in statement for log in NOTED_IN_LOGS):
            written.append(statement)

    with app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", watch)
    try:
        for rule in rules(app):
            if is_public(app, rule) or "GET" not in rule.methods:
                continue
            allowed = may_any(somebody, build, asked(app, rule))
            for address in addresses(rule):
                status = browser.client.get(address).status_code
                expected = {200, 302, 303, 404, 409} if allowed else {404}
                assert status in expected, f"{address}: {status}, allowed: {allowed}"
                assert not written, f"GET {address} wrote {written}"
    finally:
        event.remove(engine, "before_cursor_execute", watch)


def test_a_post_without_the_permission_finds_nothing(app, build, reader, somebody):
    browser = reader(somebody)
    browser.open("/account/")
    token = browser._token()
    for rule in rules(app):
        if is_public(app, rule) or rule.methods <= READING:
            continue
        if may_any(somebody, build, asked(app, rule)):
            continue
        for method in rule.methods - READING:
            for address in addresses(rule):
                answer = browser.client.open(address, method=method, data={"csrf_token": token})
                assert answer.status_code == 404, f"{method} {address}: {answer.status_code}"


def test_a_post_without_a_token_is_refused(app, build, reader):
    """Exempt are only addresses that carry a token of their own in the body."""
    exempt = app.extensions["csrf"]._exempt_views | app.extensions["csrf"]._exempt_blueprints
    browser = reader(build.account(build.official(), *Role))
    for rule in rules(app):
        view = app.view_functions[rule.endpoint]
        if rule.methods <= READING or f"{view.__module__}.{view.__name__}" in exempt:
            continue
        for method in rule.methods - READING:
            for address in addresses(rule):
                answer = browser.client.open(address, method=method)
                assert answer.status_code == 400, f"{method} {address}: {answer.status_code}"
