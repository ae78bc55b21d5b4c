"""Any bytes give a report; a line that is known by its shape is read as any other; a mend says what the file said."""

from __future__ import annotations

import codecs
import json
import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from files_tui.api.models import LARGEST_IN_PARTS, UPLOAD_PURPOSES
from files_tui.demo import rules
from files_tui.demo.errors import ApiError
from files_tui.preflight import CannotRead, Flaw, Report, Severity, Stopped, check, line_at, mend, mending
from files_tui.preflight.lines import unmarked
from files_tui.preflight.places import places
from files_tui.preflight.shapes import Shapes
from tests.jsonl_files import VALID, lines, request, says

PIECES = st.sampled_from(
    [
        *(content[:400] for _, content in VALID.values()),
        *(
            b"\n",
            b"\r\n",
            b"\r",
            b"\n\n",
            b" \n",
            b"{}",
            b"[",
            b"]",
            b"{",
            b"}",
            b",",
            b":",
            b'"',
            b"\\",
            b"\0",
            b"NaN",
        ),
        *(
            codecs.BOM_UTF8,
            codecs.BOM_UTF16_LE,
            b"\xff",
            b"\xf0\x9f",
            b"\\ud800",
            b'"role": ',
            b'"messages": [',
            b"1e999",
        ),
        codecs.BOM_UTF8 * 100_000,
        *(b'{"a": 1}\n', b'{"a": [{"b": null}]}\r\n', "{}\n".encode("utf-16")),
    ]
)
BYTES = st.one_of(st.binary(max_size=60), st.lists(st.one_of(PIECES, st.binary(max_size=8)), max_size=12).map(b"".join))
PURPOSES = st.sampled_from(["batch", "fine-tune", "evals", "vision", "assistants", "user_data", "ocr"])


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("any") / "a.jsonl"


@given(content=BYTES, purpose=PURPOSES)
def test_any_bytes_give_a_report(path: Path, content: bytes, purpose: str) -> None:
    path.write_bytes(content)
    report = check(path, purpose)
    assert report.size == len(content)
    assert report.would_be_refused == (report.errors > 0)
    assert [finding.line or 0 for finding in report.findings] == sorted(
        finding.line or 0 for finding in report.findings
    )
    for finding in report.findings:
        assert finding.message.isprintable()
        assert finding.mend.isprintable()
        assert finding.line is None or 1 <= finding.line <= max(1, report.lines, content.count(b"\n") + 1)
        if finding.line and finding.column:
            assert finding.column <= len(line_at(path, finding.line).decode(errors="replace")) + 1


@given(content=BYTES, purpose=PURPOSES, name=st.sampled_from(["a.jsonl", "a.txt", "a", "a.vb", "a.png"]))
def test_what_a_server_refuses_at_the_door_is_foreseen(path: Path, content: bytes, purpose: str, name: str) -> None:
    file = path.with_name(name)
    file.write_bytes(content)
    try:
        report = check(file, purpose)
        foreseen = report.would_be_refused or purpose not in UPLOAD_PURPOSES
        assert foreseen or refusal(file, purpose) == ""
    finally:
        file.unlink()


@pytest.mark.parametrize(
    ("text", "name", "purpose", "content", "size"),
    [
        ("'purpose' is a required property", "a.jsonl", "", b"{}", 2),
        ("'batch_output' is not one of [", "a.jsonl", "batch_output", b"{}", 2),
        ("Expected file to have JSONL format, where every line is a JSON dictionary. ", "a.jsonl", "batch", b"[]", 2),
        ("Line 1 is not a dictionary (HINT: ", "a.jsonl", "evals", codecs.BOM_UTF8 + b'{"item": {}}', 15),
        ('Invalid extension vb. Supported formats: "c","cpp",', "a.vb", "assistants", b"a", 1),
        ("Invalid file format for Fine-tuning API. Must be .jsonl", "a.json", "fine-tune", b"{}", 2),
        ("File is too large.", "a.jsonl", "batch", b"", (200 << 20) + 1),
        ("File is too large.", "a.bin", "user_data", b"", LARGEST_IN_PARTS + 1),
        ("File is empty.", "a.png", "vision", b"", 0),
    ],
)
def test_each_refusal_of_the_reference_is_foreseen(
    tmp_path: Path, text: str, name: str, purpose: str, content: bytes, size: int
) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    os.truncate(path, size)
    assert text in refusal(path, purpose)
    assert check(path, purpose).would_be_refused


def refusal(path: Path, purpose: str) -> str:
    """What the embedded server says to an upload (API reference, "Errors")."""
    try:
        rules.check_purpose(purpose or None)
        rules.check_name(purpose, path.name)
        rules.check_size(purpose, path.stat().st_size)
        rules.check_content(purpose, path)
    except ApiError as error:
        return error.refusal.message
    return ""


def values(content: bytes) -> list[Any]:
    """What the lines of a file say, line by line; what is no JSON stands for itself."""
    found: list[Any] = []
    for line in content.split(b"\n"):
        text = unmarked(line.strip(b" \t\r\n")).strip(b" \t\r\n")
        if not text:
            continue
        try:
            found.append(json.dumps(json.loads(text)))
        except (ValueError, RecursionError):
            found.append(text)
    return found


JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.text(max_size=6)),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=4), inner, max_size=3)),
    max_leaves=6,
)
ROWS = st.lists(
    st.tuples(JSON.map(lambda value: json.dumps({"a": value}, ensure_ascii=False)), st.booleans()), max_size=6
)


@given(rows=ROWS, end=st.sampled_from(["\n", "\r\n", "\r"]), encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]))
def test_a_mend_says_line_by_line_what_the_file_said(
    path: Path, rows: list[tuple[str, bool]], end: str, encoding: str
) -> None:
    text = "".join(row + end + (" " + end) * blank for row, blank in rows)
    path.write_bytes(text.encode(encoding, "surrogatepass"))
    report = check(path, "evals")
    before = path.read_bytes()
    mended = mend(path, report.mendable)
    try:
        after = mended.read_bytes()
        # JSON escapes no CR itself, so that each in the file is an end.
        assert values(after) == values("\n".join(row for row, _ in rows).encode())
        assert path.read_bytes() == before
        if encoding == "utf-8":
            assert check(mended, "evals").mendable == frozenset()
    finally:
        mended.unlink()


@given(content=BYTES)
def test_a_mend_of_any_bytes_changes_no_value(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    mendable = check(path, "batch").mendable - {Flaw.ENCODING}
    mended = mend(path, mendable)
    try:
        before, after = values(content), values(mended.read_bytes())
        if Flaw.LINE_ENDS not in mendable:
            assert after == before
        assert [value for value in before if isinstance(value, str) and value not in after] == []
        if not mendable:
            assert mended.read_bytes() == content
    finally:
        mended.unlink()
    assert [each.name for each in path.parent.iterdir()] == [path.name]


def test_a_copy_takes_a_name_that_is_free_and_is_whole_or_not_there(tmp_path: Path) -> None:
    path = tmp_path / "train.jsonl"
    path.write_bytes(codecs.BOM_UTF8 + b'{"a": 1}\r\n\r\n{"b": 2}')
    path.chmod(0o640)
    seen: list[int] = []
    first, second = (mend(path, check(path, "evals").mendable, progress=seen.append) for _ in range(2))
    assert (first.name, second.name) == ("train.mended.jsonl", "train.mended-2.jsonl")
    assert first.read_bytes() == second.read_bytes() == b'{"a": 1}\n{"b": 2}'
    assert first.stat().st_mode & 0o777 == 0o640
    assert seen[-1] == path.stat().st_size
    with pytest.raises(Stopped):
        mend(path, {Flaw.BLANK_LINES}, stopped=lambda: True)
    path.write_bytes(codecs.BOM_UTF16_LE + b"{\0}\0a")
    with pytest.raises(CannotRead, match="is no whole UTF-16"):
        mend(path, check(path, "evals").mendable)
    with pytest.raises(CannotRead, match="No such file"):
        mend(tmp_path / "none", {Flaw.BLANK_LINES})
    assert sorted(os.listdir(tmp_path), key=len) == ["train.jsonl", first.name, second.name]


def test_a_mend_keeps_lines_that_are_too_long_to_be_held(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    long = b'{"a": "' + b"\r\n "[2:] * (9 << 20) + b'"}'
    path.write_bytes(codecs.BOM_UTF8 + long + b"\r\n\r\n{}\r\n" + long + b"\r\n")
    mended = mend(path, {Flaw.BYTE_ORDER_MARK, Flaw.BLANK_LINES, Flaw.LINE_ENDS})
    assert mended.read_bytes() == long + b"\n{}\n" + long + b"\n"


@pytest.mark.parametrize("end", [b"\n", b"\r\n"])
def test_a_mend_joins_no_lines_wherever_one_is_cut(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, end: bytes) -> None:
    monkeypatch.setattr(mending, "LONGEST", 16)
    path = tmp_path / "a.jsonl"
    for length in range(40):
        line = b'{"a": "' + codecs.BOM_UTF8 * 3 + b"x" * length + b'"}'
        path.write_bytes(end.join([line, b"", line + b" " * 20, line, b""]))
        mended = mend(path, set(Flaw))
        assert values(mended.read_bytes()) == values(line + b"\n" + line + b"\n" + line), length
        mended.unlink()


PARTS = st.sampled_from(
    [
        *(
            b'"',
            b"\\",
            b'\\"',
            b"{",
            b"}",
            b"[",
            b"]",
            b", ",
            b": ",
            b"null",
            b"1",
            b"\xff",
            b"\xc3\xa9",
            b"\\ud800",
            b"\x01",
        ),
        *(
            b'"x"',
            b'"role": "user", ',
            b'"custom_id": "r-1", ',
            b'"content": ',
            b'["a"]',
            b'{"a": 1, "a": 2}',
            b"\r",
            b" ",
        ),
    ]
)
TEXTS = st.lists(st.text(max_size=5), min_size=1, max_size=3)


@given(data=st.data(), chats=st.lists(TEXTS, min_size=1, max_size=4))
def test_what_is_known_by_its_shape_is_read_as_every_other_line(
    path: Path, data: st.DataObject, chats: list[list[str]]
) -> None:
    made = [request(at, **_asked(at, texts)) for at, texts in enumerate(chats * 3)]
    content = bytearray(lines(*made))
    for _ in range(data.draw(st.integers(0, 2))):
        at = data.draw(st.integers(0, len(content)))
        content[at : at + data.draw(st.integers(0, 4))] = data.draw(PARTS)
    path.write_bytes(content)
    quick = check(path, "batch")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Shapes, "match", lambda self, line: None)
        assert check(path, "batch") == quick


def _asked(at: int, texts: list[str]) -> dict[str, Any]:
    """One of the ways in which programs write many requests."""
    chat = [says("user", text) for text in texts]
    ways: list[dict[str, Any]] = [
        {"messages": chat},
        {"messages": chat, "seed": at, "temperature": at / 7},
        {"metadata": {"row": str(at), "a~/b": texts[0]}, "messages": chat, "stream": at == 7},
        {"messages": [says("user", [{"type": "text", "text": text}, {"n": [at, -at]}]) for text in texts]},
        {"messages": chat, "input": texts, "n": at},
    ]
    return ways[at % len(ways) if len(texts) > 1 else 1]


def test_lines_that_differ_in_numbers_and_lists_are_known_by_their_shapes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked_at: list[bytes] = []
    learn = Shapes.learn

    def noted(shapes: Shapes, line: bytes, inputs: int) -> None:
        looked_at.append(line)
        learn(shapes, line, inputs)

    monkeypatch.setattr(Shapes, "learn", noted)
    path = tmp_path / "a.jsonl"
    made = [request(at, **_asked(at % 4 + 5 * at, [f"a {at}", f"b {at}"])) for at in range(400)]
    path.write_bytes(lines(*made))
    report = check(path, "batch")
    assert (report.counted, [each.line for each in report.findings], len(looked_at) < 20) == (400, [], True)
    embeds = [request(at, "/v1/embeddings", input=[f"{at} {n}" for n in range(at % 3 + 1)]) for at in range(300)]
    path.write_bytes(lines(*embeds))
    looked_at.clear()
    report = check(path, "batch")
    assert (dict(report.statistics)["inputs"], report.findings, len(looked_at) < 9) == ("600", (), True)
    deep: Any = 0
    for _ in range(320):
        deep = {"a": [deep]} if _ % 2 else {"a": deep}
    path.write_bytes(lines(*(request(at, messages=[], x=at, y=deep) for at in range(9))).replace(b"0}", b"1}", 1))
    assert (check(path, "batch").counted, check(path, "batch").errors) == (9, 0)
    for old, new in (('"seed": 201', '"seed": {"a": 1, "a": 2}'), ('"seed": 201', f'"seed": {"9" * 5000}')):
        seeds = [request(at, messages=[says("user", f"{at}")], seed=at) for at in range(300)]
        path.write_bytes(lines(*seeds).replace(old.encode(), new.encode()))
        assert [each.line for each in check(path, "batch").findings] == [202]


def test_lines_are_known_by_their_shapes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    looked_at: list[bytes] = []
    learn = Shapes.learn

    def noted(shapes: Shapes, line: bytes, inputs: int) -> None:
        looked_at.append(line)
        learn(shapes, line, inputs)

    monkeypatch.setattr(Shapes, "learn", noted)
    path = tmp_path / "a.jsonl"
    text = 'He said: é \\ "custom_id" 🙂'
    many = []
    for at in range(0, 150, 3):
        asked = [says("user", f"{text} {at}")]
        many += [
            request(at, messages=[says("system", text), *asked]),
            request(at + 1, messages=asked, temperature=1),
            request(at + 2, messages=asked, metadata={"a": [None, {"b": "c"}]}),
        ]
    path.write_bytes(lines(*many))
    report: Report = check(path, "batch")
    assert (report.counted, report.findings, len(looked_at)) == (150, (), 3)
    nulled = json.dumps(many[1] | {"custom_id": "n"}).replace(json.dumps(f"{text} 0"), "null").encode()
    doubled = json.dumps(many[1] | {"custom_id": "d"}).replace(json.dumps(f"{text} 0"), '[{"a": 1, "a": 2}]').encode()
    broken = lines(many[1] | {"custom_id": "b"}).replace(b"He said", b"He \xff")
    path.write_bytes(lines(*many) + nulled + b"\n" + doubled + b"\n" + broken)
    report = check(path, "batch")
    told = [(each.severity, each.line) for each in report.findings]
    assert told == [(Severity.WARNING, 152), (Severity.ERROR, 153)]
    path.write_bytes(lines(*many).replace(b'"role": "user"', b'"role": "user", "role": "user"'))
    assert check(path, "batch").warnings == 150
    path.write_bytes(lines(*many).replace(b"/v1/chat", b"/chat"))
    assert (check(path, "batch").warnings, len(looked_at)) == (1, 10)
    looked_at.clear()
    for name in ("requests that are alike", "sorted keys", "an id that is a text", "compact"):
        path.write_bytes(VALID[name][1])
        assert check(path, "batch").errors == 0
    assert len(looked_at) == 4


def test_places_are_where_values_stand() -> None:
    text = '{"a": [1, {"b/c": "x"}], "~": {}, "a": null}'
    told = [(place.pointer, text[place.start], place.is_second) for place in places(text)]
    assert told == [
        ("", "{", False),
        ("/a", "[", False),
        ("/a/0", "1", False),
        ("/a/1", "{", False),
        ("/a/1/b~1c", '"', False),
        ("/~0", "{", False),
        ("/a", "n", True),
    ]
