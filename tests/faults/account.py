"""The account of a run: what was sent, what was acknowledged, what was done, against what the database holds.

It knows nothing of the product's rules of saving but the keys: what was acknowledged is read from the wire, what was
done from those who did it, and what each answer comes to from a model of its own, :class:`Acts`.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.faults.wire import Reply, Request

Key = tuple[int, str, int]
"""sitting, writer, seq"""
Content = tuple[int, str, int]
"""slot, answer as compact JSON, claimed moment"""
Answer = tuple[int, str]
SUBMISSION = 0


@dataclass
class Ledger:
    """What went over the line, whoever sent it: read by the proxy, at the server's side of every fault."""

    requests: int = 0
    failed: int = 0
    """Requests whose sender got no answer that the server had given."""
    statuses: Counter[int] = field(default_factory=Counter)
    sent: dict[Key, set[Content]] = field(default_factory=dict)
    acknowledged: dict[Key, Content] = field(default_factory=dict)
    refused: Counter[str] = field(default_factory=Counter)
    """Answers that tell a page never to try again; there is no cause for any."""

    def note_request(self, request: Request) -> dict[Key, Content]:
        """The events it carries."""
        self.requests += 1
        events = _events_of(request)
        for key, content in events.items():
            self.sent.setdefault(key, set()).add(content)
        return events

    def note_reply(self, events: Mapping[Key, Content], reply: Reply) -> None:
        """What the server promised to keep, whether or not the promise arrives."""
        self.statuses[reply.status] += 1
        told = _json(reply.body)
        if not events and "ack" not in told:
            return
        if reply.status in {400, 401, 403, 404, 413}:
            self.refused[f"{reply.status} {told.get('error', '')}"] += 1
        safe = set(told.get("ack", ()))
        for key, content in events.items():
            if key[2] in safe:
                self.acknowledged.setdefault(key, content)


def _json(body: bytes) -> dict[str, Any]:
    try:
        told = json.loads(body)
    except ValueError:
        return {}
    return told if isinstance(told, dict) else {}


def _events_of(request: Request) -> dict[Key, Content]:
    token = request.header("x-sitting-token")
    if request.method != "POST" or not token:
        return {}
    told, sitting = _json(request.body), int(token.split(".", 1)[0])
    writer = told.get("writer", "")
    events = {
        (sitting, writer, seq): (slot, compact(response), answered)
        for seq, slot, response, answered in told.get("events", ())
    }
    if submit := told.get("submit"):
        events[sitting, writer, submit[0]] = (SUBMISSION, "[]", submit[1])
    return events


def compact(response: Any) -> str:
    return json.dumps(response, ensure_ascii=False, separators=(",", ":"))


@dataclass
class Acts:
    """What one candidate did, in the order in which it was done, and what that comes to.

    The model: of each question the last answer given at the newest device that answered it. It is all that has to hold
    as long as nobody answers one question in two windows within the same seconds, and nobody answers after handing in.
    """

    sitting: int
    done: list[tuple[int, int, int]] = field(default_factory=list)
    """(lease, slot, option), option 0 for an answer taken back"""
    keys: dict[Key, Content] = field(default_factory=dict)
    """Acts whose number is known: those of the fleet. A browser's are known by their content alone."""
    clashes: set[Key] = field(default_factory=set)
    """Numbers used twice on purpose."""
    by_content: bool = False
    devices: int = 1
    submitted: bool = False
    receipt: str = ""

    def answer(self, lease: int, slot: int, option: int) -> None:
        self.done.append((lease, slot, option))

    def responses(self) -> dict[int, list[int]]:
        newest: dict[int, tuple[int, int]] = {}
        for lease, slot, option in self.done:
            if lease >= newest.get(slot, (0, 0))[0]:
                newest[slot] = (lease, option)
        return {slot: [option] if option else [] for slot, (_, option) in sorted(newest.items())}

    def contents(self) -> Counter[Answer]:
        return Counter((slot, compact([option] if option else [])) for _, slot, option in self.done)

    def mark(self, right: Mapping[int, int], points: int) -> int:
        """Thousandths, given the right option of each slot."""
        return points * sum(response == [right[slot]] for slot, response in self.responses().items())


@dataclass(frozen=True)
class Stored:
    """What the database holds of all sittings."""

    events: dict[Key, Content]
    rows: int
    responses: dict[int, dict[int, list[Any]]]
    """By sitting: what counts, by the product's own rules."""
    conflicts: set[Key]
    leases: dict[int, int]


@dataclass
class Verdict:
    """What is wrong; everything empty when nothing is."""

    lost: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    differing: list[str] = field(default_factory=list)

    @property
    def good(self) -> bool:
        return not (self.lost or self.doubled or self.differing)

    def lines(self, most: int = 5) -> Iterable[str]:
        for name, found in (("mất", self.lost), ("trùng", self.doubled), ("sai", self.differing)):
            for line in found[:most]:
                yield f"{name}: {line}"
            if len(found) > most:
                yield f"{name}: … và {len(found) - most} nữa"


def compare(people: Iterable[Acts], ledger: Ledger, stored: Stored) -> Verdict:
    """Everything acknowledged and everything done is there, once, and nothing else; and it comes to the same."""
    verdict = Verdict()
    for key, content in ledger.acknowledged.items():
        if stored.events.get(key) != content:
            verdict.lost.append(f"đã báo lưu {key} {content}, trong cơ sở dữ liệu {stored.events.get(key)}")
    if stored.rows != len(stored.events):
        verdict.doubled.append(f"{stored.rows} dòng cho {len(stored.events)} khóa")
    by_sitting: dict[int, Counter[Answer]] = {}
    for (sitting, _, _), (slot, response, _) in stored.events.items():
        by_sitting.setdefault(sitting, Counter())[slot, response] += 1
    known = {acts.sitting: acts for acts in people}
    for acts in known.values():
        _compare_one(acts, by_sitting.get(acts.sitting, Counter()), stored, verdict)
    for key, content in stored.events.items():
        acts = known.get(key[0])
        unknown = acts is None or not (acts.by_content or key in acts.keys or content[0] == SUBMISSION)
        if unknown:
            verdict.doubled.append(f"không ai làm {key} {stored.events[key]}")
    for key in stored.conflicts:
        if key[0] not in known or key not in known[key[0]].clashes:
            verdict.doubled.append(f"xung đột không ai gây ra {key}")
    return verdict


def _compare_one(acts: Acts, held: Counter[Answer], stored: Stored, verdict: Verdict) -> None:
    for key, content in acts.keys.items():
        if stored.events.get(key) != content:
            verdict.lost.append(f"đã làm {key} {content}, trong cơ sở dữ liệu {stored.events.get(key)}")
    submissions = held.pop((SUBMISSION, "[]"), 0)
    if acts.by_content:
        done = acts.contents()
        verdict.lost += [f"đã bấm {one} ở bài {acts.sitting}" for one in (done - held).elements()]
        verdict.doubled += [f"thừa {one} ở bài {acts.sitting}" for one in (held - done).elements()]
    if submissions > acts.submitted:
        verdict.doubled.append(f"bài {acts.sitting} nộp {submissions} lần")
    if acts.submitted > submissions:
        verdict.lost.append(f"lần nộp của bài {acts.sitting}")
    if stored.leases.get(acts.sitting, 0) != acts.devices:
        verdict.doubled.append(f"bài {acts.sitting}: {stored.leases.get(acts.sitting)} lần giữ, {acts.devices} máy")
    counted, expected = stored.responses.get(acts.sitting, {}), acts.responses()
    if counted != expected:
        wrong = {s: (expected.get(s), counted.get(s)) for s in expected | counted if expected.get(s) != counted.get(s)}
        verdict.differing.append(f"bài {acts.sitting}: câu → (đã làm, được tính) {wrong}")
