"""The kinds of question, one module each; a new kind is one module and its line here."""

from __future__ import annotations

from question_bank.kinds import (
    essay,
    gap_text,
    matching,
    multiple_response,
    numeric,
    ordering,
    short_text,
    single_choice,
    true_false,
    true_false_cluster,
)
from question_bank.kinds.base import Kind
from question_bank.kinds.case import Case

_WITHIN_A_CASE: dict[str, Kind] = {
    kind.name: kind
    for kind in (
        single_choice.KIND,
        multiple_response.KIND,
        true_false.KIND,
        true_false_cluster.KIND,
        matching.KIND,
        ordering.KIND,
        numeric.KIND,
        short_text.KIND,
        gap_text.KIND,
    )
}
CASE = Case(_WITHIN_A_CASE)

KINDS: dict[str, Kind] = {**_WITHIN_A_CASE, CASE.name: CASE, essay.KIND.name: essay.KIND}
"""In the order in which people choose from them."""


def get_kind(name: str) -> Kind:
    """The kind called ``name``; ``KeyError`` when there is none."""
    return KINDS[name]
