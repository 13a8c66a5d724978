"""The kinds of question, one module each; a new kind is one module and its line in ``KINDS``."""

from __future__ import annotations

from question_bank.kinds import multiple_response, single_choice, true_false
from question_bank.kinds.base import Kind

KINDS: dict[str, Kind] = {kind.name: kind for kind in (single_choice.KIND, multiple_response.KIND, true_false.KIND)}


def get_kind(name: str) -> Kind:
    """The kind called ``name``; ``KeyError`` when there is none."""
    return KINDS[name]
