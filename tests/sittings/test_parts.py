"""Emergency files cut into QR codes and joined again: whatever is in them, in whatever order they come."""

from __future__ import annotations

import base64
import json
import subprocess
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from examapp.core.errors import Invalid
from examapp.sittings.deliveries import MAX_FILE
from examapp.sittings.parts import MAX_PARTS, MissingParts, SeveralFiles, held, hold, joined, parts_in, read_part
from examapp.sittings.settle import short_code
from question_bank.images import ImageError
from tests.sittings.codes import cut, photo, squeezed
from tools.assets import find_tools

CODE, OTHER = "7K2QX-M94TB", "0ABCD-EFGHJ"
SCRIPT = Path(__file__).resolve().parents[2] / "examapp" / "assets" / "exam" / "parts.js"
FILES = st.binary(min_size=0, max_size=4000).map(lambda data: b"{" + data)
MANY = b"{" + bytes(range(256)) * 8


def read(raws):
    return [part for raw in raws if (part := read_part(raw))]


@pytest.fixture(autouse=True)
def _language(app):
    with app.test_request_context():
        yield


@settings(max_examples=60, deadline=None)
@given(data=FILES, packed=st.booleans(), seed=st.randoms(use_true_random=False))
def test_whatever_is_cut_is_joined(data, packed, seed):
    raws = cut(CODE, squeezed(data) if packed else data)
    seed.shuffle(raws)
    repeated = raws + seed.choices(raws, k=3)
    assert joined(read(repeated)) == (CODE, data)
    assert joined(held(hold(read(repeated)))) == (CODE, data)


@settings(max_examples=60, deadline=None)
@given(data=st.binary(min_size=1500, max_size=4000), seed=st.randoms(use_true_random=False))
def test_what_is_missing_is_named(data, seed):
    raws = cut(CODE, data)
    gone = sorted(seed.sample(range(len(raws)), seed.randint(1, len(raws) - 1)))
    with pytest.raises(MissingParts) as caught:
        joined(read(raw for number, raw in enumerate(raws) if number not in gone))
    assert (caught.value.code, caught.value.total) == (CODE, len(raws))
    assert caught.value.numbers == tuple(number + 1 for number in gone)


def test_the_page_cuts_the_same():
    """The script itself, run by Node: bytes of every length around the edges of a part."""
    sizes = [1, 2, 459, 460, 461, 919, 920, 921, 4600, 20_000]
    wanted = [base64.b64encode((MANY * 10)[:size]).decode() for size in sizes]
    script = f"""
        import {{ cut }} from {json.dumps(SCRIPT.as_uri())};
        const files = {json.dumps(wanted)}.map((one) => new Uint8Array(Buffer.from(one, "base64")));
        const written = (part) => Buffer.from(part).toString("base64");
        console.log(JSON.stringify(files.map((one) => cut({json.dumps(CODE)}, one).map(written))));
    """
    (node,), _npm = find_tools()
    told = subprocess.run(
        [node, "--input-type=module", "-e", script], capture_output=True, text=True, check=True, timeout=60
    )
    for size, parts in zip(sizes, json.loads(told.stdout), strict=True):
        data = (MANY * 10)[:size]
        raws = [base64.b64decode(part) for part in parts]
        assert raws == cut(CODE, data)
        assert max(map(len, raws)) <= 504, "what version 17 holds with medium correction"
        assert joined(read(raws)) == (CODE, data)


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"https://thi.example/",
        b"TD2:7K2QX-M94TB:7K2QX-M94TB:1/1:x",
        b"TD1:7K2QX-M94TU:7K2QX-M94TB:1/1:x",
        b"TD1:7K2QX-M94TB:7K2QX-M94TB:2/1:x",
        b"TD1:7K2QX-M94TB:7K2QX-M94TB:0/1:x",
        b"TD1:7K2QX-M94TB:7K2QX-M94TB:1/100:x",
        b"TD1:7K2QX-M94TB:7K2QX-M94TB:1/1:",
        b"TD1:7K2QX-M94TB:7K2QX-M94TB:1/1:" + b"x" * 1000,
    ],
)
def test_another_code_is_no_part(raw):
    assert read_part(raw) is None


def test_what_a_held_text_holds_besides_is_passed_over():
    raws = cut(CODE, MANY)
    text = hold(read(raws))
    assert held(f"!!.{text}.YWJj..") == read(raws)
    assert held("") == held("é.ü") == []
    assert len(held(".".join([text] * MAX_PARTS))) <= 2 * MAX_PARTS


def test_parts_of_two_people_are_told_apart():
    mine, theirs = cut(CODE, MANY), cut(OTHER, MANY[::-1])
    with pytest.raises(SeveralFiles) as caught:
        joined(read([*mine, *theirs]))
    assert f"{OTHER}, {CODE}" in caught.value.message


def test_two_showings_do_not_fit_together_but_a_whole_one_is_taken():
    first, second = cut(CODE, MANY), cut(CODE, b"{" + MANY)
    with pytest.raises(SeveralFiles, match="hai lần hiện"):
        joined(read([first[0], *second[1:]]))
    assert joined(read([first[0], *second])) == (CODE, b"{" + MANY)


def changed(raw: bytes) -> bytes:
    return raw[:-1] + bytes([raw[-1] ^ 1])


def test_what_was_changed_is_not_joined():
    first, *others = cut(CODE, MANY)
    for raws in ([changed(first), *others], cut(CODE, b"no file and nothing squeezed"), cut(CODE, squeezed(MANY)[:-3])):
        with pytest.raises(Invalid, match="không khớp dấu niêm phong"):
            joined(read(raws))


def test_a_squeezed_bomb_is_not_unpacked():
    bomb = squeezed(b"{" * (MAX_FILE * 4))
    assert len(bomb) < 10_000
    with pytest.raises(Invalid, match="không khớp dấu niêm phong"):
        joined(read(cut(CODE, bomb)))


def test_photos_hold_several_codes_or_none():
    raws = cut(CODE, squeezed(MANY * 2) + MANY)
    found = parts_in(photo(*raws[:3], form="JPEG"))
    assert sorted(part.raw for part in found) == sorted(raws[:3])
    assert short_code(b"".join(part.data for part in read(raws))) == read(raws)[0].whole
    assert parts_in(photo()) == []
    assert parts_in(photo(b"https://thi.example/")) == []
    with pytest.raises(ImageError):
        parts_in(b"%PDF-1.7")
