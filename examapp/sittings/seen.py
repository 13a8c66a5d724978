"""Who has had which question on the screen: candidates who began to answer a paper that it stands on."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence

from sqlalchemy import select

from examapp.core.db import db
from examapp.rounds.models import Candidate, Paper
from examapp.sittings.models import Sitting


def candidates_before(version_ids: Sequence[int], round_ids: Sequence[int]) -> Mapping[tuple[int, int], int]:
    """Number of candidates by version and round. The papers themselves say what stands on them."""
    wanted = set(version_ids)
    found: Counter[tuple[int, int]] = Counter()
    papers = (
        select(Candidate.round_id, Paper.layout)
        .join(Sitting, Sitting.paper_id == Paper.id)
        .join(Candidate, Candidate.id == Paper.candidate_id)
        .where(Candidate.round_id.in_(round_ids))
        .execution_options(yield_per=200)
    )
    for round_id, layout in db.session.execute(papers):
        on_paper = {slot["question_id"] for slot in json.loads(layout)["slots"]}
        found.update((version_id, round_id) for version_id in wanted & on_paper)
    return found
