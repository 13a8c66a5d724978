"""What earns points in a QTI item: declared responses, mapped scores, response processing.

The templates ``match_correct`` and ``map_response`` are understood, and rules that do the same in longer words. Any
other rule is not guessed at: where a right response is declared it is taken as the key, and the person is told.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction

from question_bank.formats.qti_tree import Node

_PLAIN = {
    "responseProcessing", "responseCondition", "responseIf", "responseElseIf", "responseElse", "match", "variable",
    "correct", "setOutcomeValue", "baseValue", "mapResponse", "sum", "isNull", "not", "and", "gt", "lt", "gte", "lte",
    "stringMatch", "equal", "default", "outcomeMaximum", "product", "multiple", "null",
}  # fmt: skip
"""Elements of rules that come down to comparing with the right response, or to adding mapped scores in their bounds."""


@dataclass(frozen=True, slots=True)
class Declared:
    """One response: its type, the values that are right, and what each value earns where that is mapped."""

    identifier: str
    cardinality: str
    base_type: str
    correct: tuple[str, ...] = ()
    mapped: Mapping[str, Fraction] = field(default_factory=dict)
    match_case: bool = False
    upper: Fraction | None = None

    @property
    def earns(self) -> dict[str, Fraction]:
        """What each value earns; the right ones 1 each where nothing is mapped."""
        return dict(self.mapped) or {value: Fraction(1) for value in self.correct}

    @property
    def right(self) -> tuple[str, ...]:
        """The right values: those declared, else those that earn something."""
        return self.correct or tuple(value for value, score in self.mapped.items() if score > 0)

    @property
    def most(self) -> Fraction:
        """The most that can be earned here."""
        scores = [score for score in self.earns.values() if score > 0]
        if not scores:
            return Fraction(0)
        most = max(scores) if self.cardinality == "single" else sum(scores, Fraction(0))
        return min(most, self.upper) if self.upper is not None and self.upper > 0 else most


def number(text: str) -> Fraction | None:
    try:
        return Fraction(text.strip())
    except (ValueError, ZeroDivisionError):
        return None


def declarations(item: Node) -> dict[str, Declared]:
    return {found.identifier: found for node in item.all("responseDeclaration") for found in [_declared(node)]}


def _declared(node: Node) -> Declared:
    right = node.first("correctResponse")
    mapping = node.first("mapping")
    entries: dict[str, Fraction] = {}
    sensitive = False
    for entry in mapping.all("mapEntry") if mapping else []:
        entries.setdefault(" ".join(entry.get("mapKey").split()), number(entry.get("mappedValue", "0")) or Fraction(0))
        sensitive = sensitive or entry.get("caseSensitive") == "true"
    values = tuple(value.text for value in right.all("value")) if right else ()
    return Declared(
        node.get("identifier"),
        node.get("cardinality", "single"),
        node.get("baseType", "identifier"),
        tuple(value for value in values if value),
        entries,
        sensitive,
        number(mapping.get("upperBound")) if mapping and mapping.get("upperBound") else None,
    )


def uses_mapping(item: Node, declared: Declared) -> bool:
    """Whether the response is marked by its mapped scores."""
    rules = item.first("responseProcessing")
    if not declared.mapped:
        return False
    if rules is None or not declared.correct:
        return True
    if "map_response" in rules.get("template"):
        return True
    return any(node.get("identifier") == declared.identifier for node in rules.below("mapResponse"))


def is_plain(item: Node) -> bool:
    """Whether the rules of the item say no more than the declarations do."""
    rules = item.first("responseProcessing")
    if rules is None:
        return True
    if rules.get("template"):
        return any(name in rules.get("template") for name in ("match_correct", "map_response"))
    return all(node.name in _PLAIN for node in rules.walk())


def points(item: Node, declared: Mapping[str, Declared]) -> int | None:
    """The thousandths of a point the item is worth, where it says so."""
    outcomes = {node.get("identifier"): node for node in item.all("outcomeDeclaration")}
    for name in ("MAXSCORE", "SCORE"):
        outcome = outcomes.get(name)
        if outcome is None:
            continue
        default = outcome.first("defaultValue")
        said = outcome.get("normalMaximum") or (default.text if default and name == "MAXSCORE" else "")
        if (value := number(said)) and 0 < value <= 1000:
            return round(value * 1000)
    most = sum((one.most for one in declared.values() if one.mapped), Fraction(0))
    return round(most * 1000) if 0 < most <= 1000 else None
