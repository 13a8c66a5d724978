"""A question with what was answered and what is right, as the templates in ``bank/answered`` show it."""

from __future__ import annotations

from dataclasses import dataclass

from markupsafe import Markup, escape

from examapp.bank.asked import Asked
from question_bank.kinds import get_kind
from question_bank.kinds.base import Order, Response, letter
from question_bank.kinds.case import Case
from question_bank.question import Question


@dataclass(frozen=True, slots=True)
class Reviewed:
    """A question, or one of a case, with what was answered and what is right: what its kind's template is given."""

    asked: Asked
    given: list[str]
    """The answer in words, a line a part."""
    right: list[str]
    """The same of a right answer; empty where keys are not shown."""
    solution: Response
    """A right answer as displayed; empty where keys are not shown."""
    feedback: list[str]
    """For a case, in its parts."""
    parts: tuple[Reviewed, ...] = ()

    def rows(self, chosen: Markup, right: Markup, *, lettered: bool = True) -> Markup:
        """The options as they stood, the chosen and the right ones with these signs; like :meth:`Asked.rows`."""
        rows = []
        for number, option in enumerate(self.asked.body["options"], start=1):
            mark = f"<b>{letter(number - 1)}.</b> " if lettered else ""
            signs = f" {chosen}" if number in self.asked.response else ""
            signs += f" {right}" if number in self.solution else ""
            rows.append(f"<li>{mark}<span>{escape(option)}</span>{signs}</li>")
        return Markup("".join(rows))  # noqa: S704 - every text in it is escaped or cleaned markup


def reviewed(shown: Asked, question: Question, order: Order, with_keys: bool) -> Reviewed:
    """Nothing here depends on what is right unless ``with_keys``."""
    kind = get_kind(question.kind)
    solution = kind.solution(question, order) if with_keys else []
    parts: tuple[Reviewed, ...] = ()
    if isinstance(kind, Case):
        inner = zip(shown.parts, kind.parts(question), order, strict=True)
        parts = tuple(reviewed(part, one, own, with_keys) for part, one, (_name, own) in inner)
    return Reviewed(
        asked=shown,
        given=kind.describe(question, order, shown.response) if shown.response else [],
        right=kind.describe(question, order, solution) if solution else [],
        solution=solution,
        feedback=kind.feedback(question, order, shown.response) if with_keys and shown.response and not parts else [],
        parts=parts,
    )
