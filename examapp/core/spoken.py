"""Templates in the reader's language: a text without places to fill is translated when its template is compiled.

A page asks for hundreds of texts, and most never change. There is one environment a language, so each keeps compiled
templates of its own; ``_("…")`` with nothing else in it is a constant there, escaped and joined with the markup
around it, and costs a page nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, MutableMapping
from typing import Any

from flask.templating import Environment as FlaskEnvironment
from jinja2 import Template
from jinja2.ext import Extension
from jinja2.lexer import Token, TokenStream

from examapp.core import words


class ConstantTexts(Extension):
    """Puts the translation where a template says ``_("…")``, before it is parsed."""

    def filter_stream(self, stream: TokenStream) -> Iterator[Token]:
        held: list[Token] = []
        for token in stream:
            held.append(token)
            shape = [one.type if one.type != "name" else one.value for one in held]
            if shape == _CALL:
                yield Token(held[0].lineno, "string", self._translated(held[2].value))
                held = []
            elif shape != _CALL[: len(shape)]:
                yield from held[:-1]
                held = [token] if shape[-1] == "_" else []
                if not held:
                    yield token
        yield from held

    def _translated(self, text: str) -> str:
        environment = self.environment
        assert isinstance(environment, SpokenEnvironment)
        return words.translated(text, *environment.speech)


_CALL = ["_", "lparen", "string", "rparen"]


class SpokenEnvironment(FlaskEnvironment):
    """Whichever is asked for a template, the one of the reader's language gives it."""

    speech: words.Speech
    others: dict[words.Speech, SpokenEnvironment]

    def speak(self) -> None:
        """From now on, with all its filters and globals, it may be copied for each way of speaking."""
        self.add_extension(ConstantTexts)
        self.speech, self.others = words.speech(), {}

    def get_template(
        self,
        name: str | Template,
        parent: str | None = None,
        globals: MutableMapping[str, Any] | None = None,
    ) -> Template:
        return FlaskEnvironment.get_template(self._spoken(words.speech()), name, parent, globals)

    def _spoken(self, speech: words.Speech) -> SpokenEnvironment:
        if speech not in self.others:
            other = self.overlay()
            assert isinstance(other, SpokenEnvironment)
            other.speech = speech
            self.others[speech] = other
        return self.others[speech]
