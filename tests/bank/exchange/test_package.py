"""The file by itself: whoever touches any part of it is found out, and nothing in it can harm who opens it."""

from __future__ import annotations

import json
import zipfile
from datetime import UTC, datetime
from io import BytesIO

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from examapp.bank.exchange import signing, strict
from examapp.bank.exchange.compare import relation
from examapp.bank.exchange.contents import PackedPosition, PackedQuestion, PackedTopic, PackedVersion
from examapp.bank.exchange.models import Fate
from examapp.bank.exchange.package import MANIFEST, QUESTIONS, SIGNATURE, Contents, Package, write_package
from examapp.bank.models import BankKind, QuestionState, Strand
from examapp.core.errors import Invalid
from question_bank.question import Question, canonical_json, digest
from tests.bank.builders import content

NOW = datetime(2026, 7, 1, tzinfo=UTC)
KEY = Ed25519PrivateKey.generate()
IMAGE = b"not looked at here"
SHA = digest(IMAGE)

pytestmark = pytest.mark.usefixtures("context")


def question(*contents: Question, **columns) -> PackedQuestion:
    versions = []
    for number, said in enumerate(contents or (content(positions=("tp",)),), start=1):
        raw = said.as_json()
        versions.append(PackedVersion(number, said, raw, digest(canonical_json(raw)), (), "", NOW))
    values = {
        "uid": "0" * 26,
        "bank": BankKind.EXAM,
        "state": QuestionState.APPROVED,
        "is_common": False,
        "is_sample": False,
        "is_held": False,
        "positions": ("tp",),
        "topic": "cd",
        "versions": tuple(versions),
    }
    return PackedQuestion(**(values | columns))


def contents(*questions: PackedQuestion) -> Contents:
    return Contents(
        origin="Sở mẫu",
        made_by="Nguyễn Văn Mẫu",
        made_at=NOW,
        bank=BankKind.EXAM,
        questions=questions or (question(),),
        topics=[PackedTopic("cd", "Chuyên đề", Strand.POLICY, "", "tp")],
        positions=[PackedPosition("tp", "Tư pháp")],
        documents=[],
        statistics=[],
        media={SHA: IMAGE},
    )


def packed(*questions: PackedQuestion) -> dict[str, bytes]:
    with zipfile.ZipFile(BytesIO(write_package(contents(*questions), KEY))) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def zipped(members: dict[str, bytes]) -> bytes:
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return out.getvalue()


def signed(members: dict[str, bytes]) -> bytes:
    """As its maker would sign it, whatever it holds."""
    manifest = json.loads(members[MANIFEST])
    manifest["members"] = {n: digest(data) for n, data in members.items() if n not in {MANIFEST, SIGNATURE}}
    written = canonical_json(manifest)
    return zipped({**members, MANIFEST: written, SIGNATURE: signing.sign(written, KEY)})


def look_into(data: bytes) -> None:
    package = Package(data)
    for read in (package.topics, package.positions, package.documents, package.statistics):
        read()


def refused(data: bytes) -> str:
    with pytest.raises(Invalid) as error:
        look_into(data)
    return error.value.message


def test_what_was_packed_is_read_again():
    package = Package(write_package(contents(), KEY))
    assert package.fingerprint == signing.fingerprint_of(signing.public_bytes(KEY))
    assert [found for _line, found in package.questions()] == [question()]
    assert (package.topics(), package.positions()) == (contents().topics, contents().positions)
    assert package.image(SHA) == IMAGE
    assert package.manifest.counts["versions"] == 1


@pytest.mark.parametrize("name", sorted(packed()))
def test_no_member_can_be_changed(name):
    members = packed()
    data = members[name]
    for changed in {data + b" ", data[:-1], data.replace(b"e", b"f", 1), b""} - {data}:
        assert "gói" in refused(zipped({**members, name: changed})).lower()


@pytest.mark.parametrize("name", sorted(packed()))
def test_no_member_can_be_taken_out(name):
    members = packed()
    del members[name]
    assert "gói" in refused(zipped(members)).lower()


def test_no_member_can_be_added():
    members = packed()
    assert "thừa" in refused(zipped({**members, "extra.txt": b"x"}))
    assert "thừa" in refused(zipped({**members, f"media/{'0' * 64}": b"x"}))


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_no_member_stands_twice():
    out = BytesIO(write_package(contents(), KEY))
    with zipfile.ZipFile(out, "a") as archive:
        archive.writestr(QUESTIONS, b"")
    assert "trùng tên" in refused(out.getvalue())


def test_another_key_is_another_signer():
    members = packed()
    other = Ed25519PrivateKey.generate()
    package = Package(zipped({**members, SIGNATURE: signing.sign(members[MANIFEST], other)}))
    assert package.fingerprint != signing.fingerprint_of(signing.public_bytes(KEY))


def test_a_signature_under_another_name_is_none():
    members = packed()
    said = json.loads(members[SIGNATURE])
    other = signing.public_bytes(Ed25519PrivateKey.generate())
    for change in (
        {"fingerprint": signing.fingerprint_of(other)},
        {"public_key": "AAAA"},
        {"public_key": 5},
        {"signature": "?"},
        {"algorithm": "none"},
        {"more": 1},
    ):
        assert "Chữ ký" in refused(zipped({**members, SIGNATURE: canonical_json({**said, **change})}))


@pytest.mark.parametrize("name", ["../thoat.txt", "/etc/x", "C:\\x", "media/../../x", "media\\..\\..\\x"])
def test_paths_that_lead_away_are_refused(name):
    assert "đường dẫn không an toàn" in refused(signed({**packed(), name: b"x"}))


def test_a_bomb_is_not_opened():
    assert "lớn bất thường" in refused(signed({**packed(), QUESTIONS: b"0" * 50_000_000}))


@pytest.mark.parametrize(
    "data", [b"", b"PK\x03\x04", b"PK\x05\x06" + b"\0" * 18, b"%PDF-1.7", b"PK\x03\x04" + b"x" * 500]
)
def test_what_is_no_package_is_refused(data):
    assert refused(data)


def test_another_version_of_the_format_is_told():
    members = packed()
    manifest = {**json.loads(members[MANIFEST]), "version": 2}
    assert "phiên bản phần mềm khác" in refused(signed({**members, MANIFEST: canonical_json(manifest)}))


@pytest.mark.parametrize(
    "change",
    [
        {"made_at": "hôm qua"},
        {"bank": "other"},
        {"counts": []},
        {"members": 5},
        {"origin": "hai\ndòng"},
        {"format": "zip"},
    ],
)
def test_a_manifest_of_another_form_is_refused(change):
    members = packed()
    manifest = canonical_json({**json.loads(members[MANIFEST]), **change})
    data = zipped({**members, MANIFEST: manifest, SIGNATURE: signing.sign(manifest, KEY)})
    assert "không" in refused(data)


@pytest.mark.parametrize(
    "topics",
    [
        [{"code": "a", "parent": "b"}, {"code": "b", "parent": "a"}],
        [{"code": "a", "parent": "a"}],
        [{"code": "a"}, {"code": "a"}],
        [{"code": f"t{n}", "parent": f"t{n - 1}" if n else ""} for n in range(30)],
    ],
)
def test_topics_are_a_tree(topics):
    full = [{"name": "x", "strand": "ky_nang", "parent": "", "position": "", **topic} for topic in topics]
    data = canonical_json({"topics": full, "positions": []})
    assert "topics.json" in refused(signed({**packed(), "topics.json": data}))


def line(**changes) -> bytes:
    return canonical_json({**question().as_json(), **changes})


VERSION = question().last.as_json()


@pytest.mark.parametrize(
    "written",
    [
        b"{}",
        b"[]",
        b"null",
        b"1",
        b"\xff",
        b"[" * 100_000,
        line(uid="../x"),
        line(state="open"),
        line(versions=[]),
        line(versions=[VERSION, VERSION]),
        line(versions=[{**VERSION, "digest": "0" * 64}]),
        line(versions=[{**VERSION, "at": "2026-01-01T00:00:00"}]),
        line(versions=[{**VERSION, "known_as": ["x"]}]),
        line(versions=[{**VERSION, "content": {**VERSION["content"], "points": -5}}]),
        line(versions=[{**VERSION, "content": {**VERSION["content"], "stem": 5}}]),
        line(common=True),
        line(positions=[]),
        line(more=1),
        line().replace(b'"held":false', b'"held": false'),
        line().replace(b'{"bank"', b'{"bank":"exam","bank"'),
        line().replace(b'"number":1', b'"number":Infinity'),
        line().replace(b'"number":1', b'"number":' + b"9" * 5000),
    ],
)
def test_a_line_of_another_form_is_left_out_and_the_rest_is_read(written):
    good = question(uid="1" * 26)
    data = written + b"\n" + canonical_json(good.as_json()) + b"\n"
    package = Package(signed({**packed(), QUESTIONS: data}))
    assert list(package.questions()) == [(1, None), (2, good)]


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    )
)
def test_only_one_form_of_json_is_read(value):
    try:
        written = canonical_json(value)
    except UnicodeEncodeError:
        return
    if b"Infinity" in written or b"NaN" in written:
        return
    assert canonical_json(strict.parse(written)) == written
    with pytest.raises(ValueError):  # noqa: PT011 - whatever is wrong with it
        strict.parse(b" " + written)


def names(*versions: str) -> list[frozenset[str]]:
    return [frozenset(version) for version in versions]


@pytest.mark.parametrize(
    ("ours", "theirs", "fate", "take_from"),
    [
        (["a"], ["a"], Fate.SAME, 1),
        (["a"], ["a", "b"], Fate.NEWER, 1),
        (["a", "b"], ["a"], Fate.OLDER, 1),
        (["a", "b"], ["a", "c"], Fate.DIVERGED, 1),
        (["a", "b", "a"], ["a", "b"], Fate.OLDER, 2),
        (["a", "b"], ["a", "b", "a"], Fate.NEWER, 2),
        (["b"], ["a", "b", "c"], Fate.NEWER, 2),
        (["a", "x", "b"], ["a", "b"], Fate.SAME, 2),
        (["a", "x", "b"], ["a", "b", "c"], Fate.NEWER, 2),
        (["a"], ["b"], Fate.DIVERGED, 0),
        (["ap"], ["p", "q"], Fate.NEWER, 1),
    ],
)
def test_histories_are_told_apart(ours, theirs, fate, take_from):
    assert relation(names(*ours), names(*theirs)) == (fate, take_from)


HISTORY = st.lists(st.sampled_from("abcdef"), min_size=1, max_size=6)


@given(HISTORY, HISTORY)
def test_whoever_takes_the_others_has_the_same_then(ours, theirs):
    fate, take_from = relation(names(*ours), names(*theirs))
    after = ours if fate in {Fate.SAME, Fate.OLDER} else [*ours, *theirs[take_from:]]
    if fate is not Fate.OLDER:
        assert relation(names(*after), names(*theirs))[0] is Fate.SAME
        assert relation(names(*theirs), names(*after))[0] is Fate.SAME


@given(HISTORY, HISTORY)
def test_one_is_newer_where_the_other_is_older(shared, further):
    longer = [*shared, *further]
    if shared[-1] != longer[-1]:
        assert relation(names(*shared), names(*longer)) == (Fate.NEWER, len(shared))
        assert relation(names(*longer), names(*shared))[0] is Fate.OLDER


def test_a_key_is_known_by_its_line_and_by_its_fingerprint():
    public = signing.public_bytes(KEY)
    fingerprint = signing.fingerprint_of(public)
    for pasted in (
        signing.written_key(public),
        f"Khóa: {signing.written_key(public)}\n",
        fingerprint,
        signing.grouped(fingerprint).upper(),
    ):
        assert signing.fingerprint_in(pasted) == fingerprint
    for pasted in ("", "thuocdo-ed25519 AAAA", fingerprint[:-1], fingerprint + "0"):
        assert signing.fingerprint_in(pasted) is None
