"""`files-tui list` and `get`: all of it, in a form that holds, and never a part that looks whole."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from files_tui.cli import main
from tests.commands import Command
from tests.faults import CLOSE_IN_BODY, Faulty, Rule
from tests.hostile import HOSTILE, sendable, unprintable
from tests.listings import Listed, entry, numbered, page
from tests.store_server import Store
from tests.wire import CLOSE, Step, answer, error_answer, json_answer, serving

MINUTE = 60


def of_pages(*files: dict[str, object]) -> bytes:
    """A page of files."""
    return json_answer({"data": list(files), "has_more": False})


def test_json_is_what_the_server_sent_a_file_a_line(command: Command) -> None:
    sent = ['{"id" : "a","own":[1.50, 1e2,\n null],"purpose":"x"}', '{"id":"b","filename":"\\u00e9é\\u001b"}']
    body = ('{"data":[' + ",".join(sent) + '],"has_more":false}').encode()
    with serving(lambda _: answer(200, body, {"content-type": "application/json"})) as server:
        done = command(server.base_url, "list", "--json")
        assert (done.code, done.err) == (0, "")
        assert json.loads(done.out) == [json.loads(each) for each in sent]
        assert (done.lines[0], done.lines[2:]) == ("[", [sent[1], "]"])
        assert "1.50" in done.lines[1]
        plain = command(server.base_url, "--plain", "--purpose", "x")
        assert (plain.code, plain.out) == (0, "a\t-\t-\t-\tnever\tx\t\n")
        assert command(server.base_url, "list", "--purpose", "x").out == plain.out


def test_no_files_are_an_empty_array(command: Command) -> None:
    with serving(lambda _: of_pages()) as server:
        assert command(server.base_url, "list", "--json")[:3] == (0, "[]\n", "")
        assert command(server.base_url, "list")[:3] == (0, "", "")
        command.seen = True
        assert command(server.base_url, "list")[:3] == (0, "", "files-tui: no files\n")


def test_pages_are_one_array(command: Command) -> None:
    with serving(Listed(numbered(7), most=3)) as server:
        done = command(server.base_url, "list", "--json")
        assert [each["id"] for each in json.loads(done.out)] == numbered(7)
        assert [line.split("\t")[0] for line in command(server.base_url, "list").lines] == numbered(7)


def test_columns_for_programs_and_for_people(command: Command) -> None:
    now = int(time.time())
    one = {"id": "file-1", "filename": "a b.txt", "bytes": 12_400_000, "purpose": "batch", "status": "uploaded"}
    one |= {"created_at": now - 2 * 60 * MINUTE, "expires_at": 4102444800}
    two = {"id": "f", "filename": "c", "status": "odd", "bytes": 7, "created_at": 2**62, "expires_at": 1}
    with serving(lambda _: of_pages(two, one)) as server:
        done = command(server.base_url, "list")
        far = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(2**62 // 1000))
        created = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(now - 2 * 60 * MINUTE))
        assert done.lines[1] == f"file-1\tbusy\t12400000\t{created}\t2100-01-01T00:00:00Z\tbatch\ta b.txt"
        assert done.lines[0] == f"f\todd\t7\t{far}\t1970-01-01T00:00:01Z\t-\tc"
        command.seen = True
        two_shown, one_shown = command(server.base_url, "list").lines
        assert one_shown.startswith("file-1  busy  12.4 MB  2 h ago   expires in ")
        assert two_shown.startswith("f       odd   7 B      just now  expired ")
        assert one_shown.index("batch") == two_shown.index("–")
        assert one_shown.endswith("  a b.txt")


@pytest.mark.parametrize("key", ["id", "filename", "purpose", "status"])
def test_hostile_texts_are_true_as_data_and_harmless_where_they_are_read(command: Command, key: str) -> None:
    texts = [sendable(text) for text in HOSTILE.values() if text]
    files = [{"id": f"file-{number}", "filename": "x", key: text} for number, text in enumerate(texts)]
    body = json.dumps({"data": files, "has_more": False}, ensure_ascii=False).encode()
    with serving(lambda _: answer(200, body, {"content-type": "application/json"})) as server:
        assert [each[key] for each in json.loads(command(server.base_url, "list", "--json").out)] == texts
        lines = command(server.base_url, "list").lines
        assert [line.count("\t") for line in lines] == [6] * len(files)
        assert [bad for line in lines for bad in unprintable(line.replace("\t", ""))] == []
        command.seen = True
        done = command(server.base_url, "list", "--json")
        assert [each[key] for each in json.loads(done.out)] == texts
        assert [bad for line in done.lines for bad in unprintable(line)] == []
        lines = command(server.base_url, "list").lines
        assert len(lines) == len(files)
        assert [bad for line in lines for bad in unprintable(line)] == []


@pytest.mark.parametrize("breaks", ["401", "cut", "not a list"])
def test_what_breaks_off_looks_never_whole(command: Command, breaks: str) -> None:
    first = json_answer({"data": [entry("a", "p"), entry("b", "p")], "has_more": True})
    replies: dict[str, list[Step]] = {
        "401": [error_answer(401, "Incorrect API key")],
        "cut": [answer(200, b'{"data": [', {"content-length": "500"}), CLOSE],
        "not a list": [answer(200, b"<html>")],
    }
    for form in ("--json", "--purpose=p"):
        with serving([first, replies[breaks]]) as server:
            done = command(server.base_url, "list", form)
        assert done.code == 1
        assert len(done.said) == 1
        assert done.said[0].startswith("the listing is not whole: ")
        assert "press" not in done.err
        if form == "--json":
            assert len(done.lines) == 3
            with pytest.raises(json.JSONDecodeError):
                json.loads(done.out)


def test_a_rejected_key_gives_nothing_and_says_what_to_do(command: Command) -> None:
    with serving(lambda _: error_answer(401, "Incorrect API key provided.")) as server:
        for words in (["list"], ["list", "--json"], ["--plain"]):
            done = command(server.base_url, *words)
            assert (done.code, done.out) == (1, "")
            assert done.said == [
                "Incorrect API key provided. (HTTP 401). Check the key: its variable, its project, and whether it was "
                "revoked."
            ]


def test_a_listing_that_goes_in_a_circle_is_given_and_said_not_to_be_whole(command: Command) -> None:
    with serving(lambda _: page("ab", more=True)) as server:
        done = command(server.base_url, "list", "--json")
    assert [each["id"] for each in json.loads(done.out)] == ["a", "b"]
    assert (done.code, done.said) == (1, ["the server's paging leads in a circle: the list may be incomplete"])


def test_get_tells_all_fields_or_the_object(command: Command) -> None:
    now = int(time.time())
    file = {
        "id": "a",
        "filename": "n\x1b",
        "bytes": 1234,
        "created_at": now,
        "status": "error",
        "status_details": "bad",
    }
    with serving(
        lambda request: json_answer(file) if request.target.endswith("/a") else error_answer(404, "gone")
    ) as s:
        done = command(s.base_url, "get", "a", "\x1b[2J", "a")
        moment = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(now))
        assert done.lines == [
            "name     n␛",
            "id       a",
            "status   failed (error)",
            "size     1.2 kB (1,234)",
            f"created  {moment} (just now)",
            "expires  never",
            "purpose  –",
            "details  bad",
        ]
        assert (done.code, done.said) == (
            1,
            ["␛[2J: gone (HTTP 404). It is gone, or it belongs to another project."],
        )
        done = command(s.base_url, "get", "--json", "-", stdin="a\n\n")
        assert (done.code, done.objects) == (0, [file])


def test_a_cut_answer_is_asked_for_again(command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("files_tui.api.retry.RETRIES", 1)
    store = Store()
    store.add("a.txt", b"1")
    with serving(Faulty(store, rules=[Rule(CLOSE_IN_BODY, "GET /files")]), read_body=False) as server:
        done = command(server.base_url, "list")
    assert (done.code, len(done.lines)) == (0, 1)


def test_standard_output_that_takes_no_more(samples: str) -> None:
    environ = {**os.environ, "OPENAI_API_KEY": "x", "OPENAI_BASE_URL": samples}
    words = [sys.executable, "-m", "files_tui", "list", "--json"]
    read, write = os.pipe()
    os.close(read)
    try:
        done = subprocess.run(words, env=environ, stdout=write, stderr=subprocess.PIPE, check=False)
    finally:
        os.close(write)
    assert (done.returncode, done.stderr) == (141, b"")
    with open("/dev/full", "wb") as full:
        done = subprocess.run(words, env=environ, stdout=full, stderr=subprocess.PIPE, check=False)
    assert (done.returncode, done.stderr.count(b"\n")) == (1, 1)
    assert done.stderr.startswith(b"files-tui: cannot write standard output: ")
    closed = subprocess.run(["bash", "-c", '"$@" >&- 2>&-', "-", *words], env=environ, check=False)
    assert closed.returncode == 1


def test_commands_load_no_screen(samples: str, tmp_path: object) -> None:
    code = """
import json, sys
from files_tui.api import retry
from files_tui.cli import main
retry.RETRIES = 0
seen = {}
for words in (["list"], ["list", "--json"], ["get", "x"], ["download", "x"], ["delete", "--yes", "x"],
              ["upload", "--purpose", "batch", "/etc/hostname", "--base-url", "http://127.0.0.1:9"]):
    main(words)
    seen[" ".join(words[:2])] = [name for name in sys.modules if name.split(".")[0] in ("textual", "rich", "sqlite3")]
print(json.dumps(seen), file=sys.stderr)
"""
    environ = {**os.environ, "OPENAI_API_KEY": "x", "OPENAI_BASE_URL": samples, "HOME": str(tmp_path)}
    done = subprocess.run([sys.executable, "-c", code], env=environ, capture_output=True, check=True)
    seen = json.loads(done.stderr.splitlines()[-1])
    assert seen.pop("list") == seen.pop("list --json") == seen.pop("get x") == []
    assert len(seen) == 3
    assert {name.split(".")[0] for names in seen.values() for name in names} == {"sqlite3"}


def test_the_demo_needs_no_key(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    assert main(["list", "--json", "--demo-dir", str(tmp_path / "files")]) == 0
    assert len(json.loads(capfd.readouterr().out)) > 100
