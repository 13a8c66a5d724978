"""How much text a question may hold, and the look at the texts every kind has."""

from __future__ import annotations

from question_bank.messages import N_, Message
from question_bank.question import Question


def check_stem(question: Question) -> list[Message]:
    if question.stem.strip():
        return []
    return [Message(N_("Câu hỏi chưa có nội dung: cần nhập phần hỏi."))]
