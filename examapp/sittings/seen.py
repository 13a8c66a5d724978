"""Who has had which question on the screen: candidates who began to answer a paper that it stands on."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import groupby
from operator import itemgetter

from sqlalchemy import select

from examapp.core.db import db
from examapp.rounds.models import Candidate, Paper
from examapp.sittings.models import Sitting


def candidates_before(version_ids: Sequence[int], round_ids: Sequence[int]) -> Mapping[tuple[int, int], int]:
    """Number of candidates by version and round. The papers themselves say what stands on them; whoever had a question
    on a stopped paper and again on the make-up is one candidate."""
    wanted = set(version_ids)
    found: Counter[tuple[int, int]] = Counter()
    papers = (
        select(Candidate.round_id, Candidate.id, Paper.layout)
        .join(Sitting, Sitting.paper_id == Paper.id)
        .join(Candidate, Candidate.id == Paper.candidate_id)
        .where(Candidate.round_id.in_(round_ids))
        .order_by(Candidate.id)
        .execution_options(yield_per=200)
    )
    for (round_id, _candidate), rows in groupby(db.session.execute(papers), key=itemgetter(0, 1)):
        before = {slot["question_id"] for *_whose, layout in rows for slot in json.loads(layout)["slots"]}
        found.update((version_id, round_id) for version_id in wanted & before)
    return found
