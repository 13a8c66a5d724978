"""Topics, questions, law, reviews, imports, matrices: the tables of the bank, one module for each noun."""

from __future__ import annotations

from examapp.bank.models.imports import ImportState, QuestionImport
from examapp.bank.models.law import AmendmentCheck, FrozenCitation, LegalAmendment, LegalDocument, Mark, TransitionalUse
from examapp.bank.models.matrices import Matrix, MatrixRow, MatrixVersion
from examapp.bank.models.questions import (
    BankKind,
    Citation,
    DuplicatePair,
    Exposure,
    ItemStatistic,
    PairVerdict,
    Question,
    QuestionPosition,
    QuestionState,
    QuestionTag,
    QuestionVersion,
    SavedFilter,
    Strand,
    Topic,
    stem_key,
)
from examapp.bank.models.reviews import (
    Review,
    ReviewOpening,
    ReviewSet,
    ReviewSetItem,
    ReviewSetMember,
    SetState,
    Verdict,
    WritingTask,
)

__all__ = [
    "AmendmentCheck",
    "BankKind",
    "Citation",
    "DuplicatePair",
    "Exposure",
    "FrozenCitation",
    "ImportState",
    "ItemStatistic",
    "LegalAmendment",
    "LegalDocument",
    "Mark",
    "Matrix",
    "MatrixRow",
    "MatrixVersion",
    "PairVerdict",
    "Question",
    "QuestionImport",
    "QuestionPosition",
    "QuestionState",
    "QuestionTag",
    "QuestionVersion",
    "Review",
    "ReviewOpening",
    "ReviewSet",
    "ReviewSetItem",
    "ReviewSetMember",
    "SavedFilter",
    "SetState",
    "Strand",
    "Topic",
    "TransitionalUse",
    "Verdict",
    "WritingTask",
    "stem_key",
]
