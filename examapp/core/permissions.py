"""Closed unless opened: every route declares what it asks of the person, and the app refuses to start otherwise."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from typing import TYPE_CHECKING, Any, TypeVar

from flask import Flask, Response, current_app, redirect, request, url_for
from flask_login import current_user

from examapp.core.errors import NotFound

if TYPE_CHECKING:
    from werkzeug.wrappers import Response as BaseResponse

View = TypeVar("View", bound=Callable[..., Any])

STATIC = "core.static"
"""Endpoint of the built browser files: the same for everybody, and nothing of anybody."""


class Permission(StrEnum):
    """``room:thing:act``. Which role has which is said in :mod:`examapp.accounts.roles`."""

    SIGNED_IN = "core:any:use"
    SIT = "sittings:own:sit"
    PRACTISE = "practice:own:use"
    PRACTICE_WATCH = "practice:participation:read"
    OWN_RECORD = "home:own:read"
    ORGANISATION_READ = "organisation:all:read"
    ORGANISATION_EDIT = "organisation:all:edit"
    ACCOUNTS_MANAGE = "accounts:all:manage"
    SLIPS_PRINT = "accounts:slips:print"
    BANK_READ = "bank:question:read"
    BANK_EDIT = "bank:question:edit"
    BANK_REVIEW = "bank:question:review"
    BANK_IMPORT = "bank:question:import"
    BANK_EXPORT = "bank:question:export"
    """Read or take away many questions of the exam bank at once."""
    BANK_DRAW = "bank:question:draw"
    """Have papers drawn from the exam bank, without reading it."""
    BANK_MANAGE = "bank:question:manage"
    """Review sets, writing tasks, bulk changes, merging duplicates, topics, exchange."""
    PRACTICE_BANK_READ = "bank:practice:read"
    PRACTICE_BANK_EDIT = "bank:practice:edit"
    LAW_READ = "bank:law:read"
    LAW_EDIT = "bank:law:edit"
    MATRIX_READ = "bank:matrix:read"
    MATRIX_EDIT = "bank:matrix:edit"
    ROUND_READ = "rounds:round:read"
    ROUND_EDIT = "rounds:round:edit"
    ROUND_WATCH = "rounds:board:watch"
    INTEGRITY_READ = "sittings:integrity:read"
    """Read what a round records of pages left and of second devices, where it records that at all."""
    RESULTS_READ = "results:all:read"
    RESULTS_PUBLISH = "results:all:publish"
    RESULTS_EXPORT = "results:all:export"
    EVALUATION_READ = "evaluation:all:read"
    EVALUATION_SCORE = "evaluation:all:score"
    EVALUATION_DECIDE = "evaluation:all:decide"
    SCHEME_EDIT = "evaluation:scheme:edit"
    OVERVIEW_READ = "home:overview:read"
    AUDIT_READ = "audit:event:read"


def requires(*permissions: Permission) -> Callable[[View], View]:
    """Mark a view: the person needs any one of ``permissions``, for some unit or position; the service scopes rows."""

    def mark(view: View) -> View:
        view.permissions = permissions  # type: ignore[attr-defined]
        return view

    return mark


def public(view: View) -> View:
    """Mark a view that anyone may open without signing in."""
    view.public = True  # type: ignore[attr-defined]
    return view


def check_every_route_is_marked(app: Flask) -> None:
    """Refuse to start with a route that says nothing about permission."""
    unmarked = [
        rule.endpoint
        for rule in app.url_map.iter_rules()
        if not _is_marked(app.view_functions[rule.endpoint]) and rule.endpoint != STATIC
    ]
    if unmarked:
        raise RuntimeError(f"Routes without a permission: {', '.join(sorted(unmarked))}")


def _is_marked(view: Callable[..., Any]) -> bool:
    return hasattr(view, "permissions") or getattr(view, "public", False)


def enforce() -> BaseResponse | None:
    """Before every request: turn away who may not enter. Not allowed looks like not there."""
    if request.endpoint is None or request.endpoint == STATIC:
        return None
    view = current_app.view_functions[request.endpoint]
    if getattr(view, "public", False):
        return None
    if not current_user.is_authenticated:
        return _to_sign_in()
    permissions: tuple[Permission, ...] = getattr(view, "permissions", ())
    if not any(current_user.may(permission) for permission in permissions):
        raise NotFound()
    return None


def _to_sign_in() -> BaseResponse:
    target = request.full_path.rstrip("?") if request.method == "GET" else ""
    if request.headers.get("HX-Request"):
        return Response(status=401, headers={"HX-Redirect": url_for("accounts.sign_in")})
    return redirect(url_for("accounts.sign_in", next=target or None))
