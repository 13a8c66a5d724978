"""How each kind of question is written in the editor: one module a kind, of the kind's name, with its ``FORM``."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from examapp.bank.editors.base import BodyForm

NOT_IN_A_CASE = {"case", "essay"}


@cache
def forms(*, nested: bool = False) -> dict[str, type[BodyForm]]:
    """The form of each kind by its name, in the order of the kinds; ``nested``: of those that a case may hold."""
    from question_bank.kinds import KINDS

    names = [name for name in KINDS if not (nested and name in NOT_IN_A_CASE)]
    return {name: import_module(f"{__name__}.{name}").FORM for name in names}
