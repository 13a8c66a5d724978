"""What later rooms use of the bank, in one place."""

from __future__ import annotations

from examapp.bank.bulk import insert_many
from examapp.bank.content import load_questions
from examapp.bank.law_registry import load_registry
from examapp.bank.pool import is_usable, pool, usable
from examapp.bank.questions import create_question, edit_question
from examapp.bank.reviews import review, submit_for_review
from examapp.bank.topics import topics_below

__all__ = [
    "create_question",
    "edit_question",
    "insert_many",
    "is_usable",
    "load_questions",
    "load_registry",
    "pool",
    "review",
    "submit_for_review",
    "topics_below",
    "usable",
]
