"""Errors that say what to do. Services raise them; the boundary turns them into pages or form errors."""

from __future__ import annotations

from collections.abc import Sequence


class HouseError(Exception):
    """Something a person can understand and act on. ``message`` is already in the reader's language."""

    status = 400

    def __init__(self, message: str, *, advice: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.advice = advice


class NotFound(HouseError):
    """It does not exist, or this person may not see it: the two look the same."""

    status = 404

    def __init__(self, message: str = "", *, advice: str = "") -> None:
        from examapp.core.words import _

        super().__init__(
            message or _("Không tìm thấy trang hoặc dữ liệu này."),
            advice=advice or _("Địa chỉ có thể đã sai, hoặc tài khoản không có quyền xem. Hãy quay lại trang trước."),
        )


class Forbidden(HouseError):
    status = 403


class Invalid(HouseError):
    """What was entered breaks a rule; ``field`` names the form field it belongs to, when there is one."""

    status = 422

    def __init__(self, message: str, *, field: str = "", advice: str = "", details: Sequence[str] = ()) -> None:
        super().__init__(message, advice=advice)
        self.field = field
        self.details = list(details)


class Conflict(HouseError):
    """The act does not fit the present state: somebody else was faster, or the time has passed."""

    status = 409


class IllegalMove(Conflict):
    """A state was asked to move where it may not go."""
