"""Looking into a file: what is shown of it, what is fetched for that, and what is said where nothing can be had."""

import json
from pathlib import Path

import pytest

from files_tui.api.excerpt import STEP
from files_tui.api.models import File
from files_tui.ui.browse.glimpse import Glimpse
from files_tui.ui.preview.save import SaveScreen
from files_tui.ui.preview.screen import PreviewScreen
from files_tui.ui.screens.download import DownloadScreen
from files_tui.ui.session import Session
from files_tui.ui.widgets.detail import DetailPane
from tests.ui.helpers import Browser, browsing, entries
from tests.ui.scripted import Reply, ScriptedServer, remote

pytestmark = pytest.mark.anyio

NAME = "chats.jsonl"


def chat(number: int, words: str = "") -> bytes:
    """A record of about 400 bytes."""
    messages = [{"role": "user", "content": f"question {number}"}, {"role": "assistant", "content": f"no\n{words}"}]
    return json.dumps({"messages": messages, "filler": "." * 280}, ensure_ascii=False).encode() + b"\n"


RECORDS = [chat(number, "a needlé" if number in (20, 3000) else "") for number in range(6000)]
CHATS = b"".join(RECORDS)
PATH = "/files/file-0001/content"


def server_of(content: bytes, name: str = NAME, **fields: object) -> ScriptedServer:
    server = ScriptedServer([remote(1, name, bytes=len(content), purpose="batch", **fields)])
    server.contents["file-0001"] = content
    return server


async def look(b: Browser) -> PreviewScreen:
    await b.press("o")
    return await b.screen(PreviewScreen)


def line(b: Browser) -> str:
    """The row with the cursor."""
    return next(row for row in b.text.split("\n") if row.startswith("▌"))


async def test_records_fold_and_are_searched_copied_and_saved_and_more_comes_as_one_goes_on(
    here: Path, clipboard: list[str]
) -> None:
    with server_of(CHATS) as server:
        async with browsing(server.base_url) as b:
            preview = await look(b)
            await b.see("record 1 of ")
            assert "JSON lines · by record · " in b.text
            assert preview.excerpt is not None
            assert STEP <= len(preview.excerpt.data) < 2 * STEP
            assert "1 ▸ 2 messages  user: question 0  assistant: no" in line(b)
            await b.press("space")
            assert "1 ▾ 2 messages" in line(b)
            assert "    user       question 0" in b.text
            await b.press("space", "j", "j", "c")
            await b.until(lambda: clipboard == [RECORDS[2].decode().rstrip("\n")])

            await b.press("slash")
            await b.write("NEEDL")
            await b.see("21 ▾")
            await b.press("enter")
            assert "21 ▾" in line(b)
            assert "               a needlé" in b.text
            await b.press("n")
            await b.see("no “NEEDL” from here on in the first ")
            assert "21 ▾" in line(b)
            assert server.requests.count(f"GET {PATH}") == 1
            await b.press("n")
            await b.see("record 3,001 of")
            assert "3001 ▾" in line(b)
            assert server.requests.count(f"GET {PATH}") == 2
            assert "came" in b.text  # all of it from its beginning, since this server sends no parts
            await b.press("N")
            assert "21 ▾" in line(b)

            await b.press("s")
            await b.screen(SaveScreen)
            await b.press("enter")
            await b.toast("Saved: ")
            await b.screen(PreviewScreen)
            await b.press("s")
            await b.screen(SaveScreen)
            await b.press("enter")
            await b.until(lambda: entries(here) == ["chats.beginning (1).jsonl", "chats.beginning.jsonl"])
            assert CHATS.startswith((here / "chats.beginning.jsonl").read_bytes())

            while not preview.is_whole or preview.is_fetching:
                await b.press("G")
                await b.until(lambda: not preview.is_fetching)
            await b.press("G")
            await b.see("record 6,000 of 6,000")
            assert "all of 2.4 MB fetched" in b.text
            await b.press("d")
            await b.screen(DownloadScreen)
            await b.press("escape")
            await b.main()


async def test_other_views_and_long_lines(clipboard: list[str]) -> None:
    long = "word " * 130 + "\x1b[2J\u202e漢字"
    with server_of(f"first\t1\r\n{long}\nlast \xff".encode("utf-8", "surrogatepass") + b"\xff", "notes.txt") as server:
        async with browsing(server.base_url, size=(60, 12)) as b:
            await look(b)
            await b.see("no UTF-8 at byte 6")
            assert "1 first   1" in line(b)
            await b.press("j")
            seen = b.text
            for _ in range(10):
                await b.press("j")
            assert b.text != seen  # what does not fit is gone through before the next line
            await b.see("␛[2J\\u202e漢字")
            await b.press("w", "g", "j")
            assert "last ÿ�" in b.text
            await b.press(*["right"] * 34)
            await b.see("␛[2J\\u202e漢字")
            await b.press("h")
            await b.see("in hex")
            assert "00000000  66 69 72 73 74 09 31 0d  0a 7" in b.text
            await b.press("h")
            await b.see("as text")
            await b.press("j", "c")
            await b.until(lambda: clipboard == [long])


async def test_json_is_laid_out_when_it_has_come() -> None:
    content = json.dumps({"tools": [{"name": "a", "deep": {"er": 1}}], "n": None}).encode()
    with server_of(content, "tools.json") as server:
        async with browsing(server.base_url) as b:
            await look(b)
            await b.see('"er": 1')
            await b.press("j", "space")
            assert '▸ "tools": [ …' in line(b)
            assert '"er": 1' not in b.text


DRAWN = {
    "step_metrics.csv": (b"step,train_loss\n1,2.5\n2,1.5\n3,0.5\n", "least 0.5000 at 3"),
    "output.jsonl": (
        b'{"custom_id": "a", "response": {"status_code": 200, "body": {}}, "error": null}\n',
        "1 succeeded",
    ),
    "orders.csv": (b"id,note\n7,seven\n", "2 columns"),
    "a.md": (b"# Head\n\n- one\n", "• one"),
    "a.py": (b"import os\n", "import os"),
    "broken.png": (b"\x89PNG\r\n\x1a\n", "PNG · its size"),
}


async def test_each_kind_is_drawn_and_again_in_another_size() -> None:
    files = [
        remote(n, name, bytes=len(content), purpose="batch") for n, (name, (content, _)) in enumerate(DRAWN.items())
    ]
    with ScriptedServer(files) as server:
        server.contents = {f"file-{n:04}": content for n, (content, _) in enumerate(DRAWN.values())}
        async with browsing(server.base_url) as b:
            for _, words in reversed(DRAWN.values()):
                await look(b)
                await b.see(words)
                await b.pilot.resize_terminal(72, 20)
                await b.until(lambda: b.app.screen.size.width == 72)
                await b.see(words)
                await b.press("h")
                await b.pilot.resize_terminal(120, 40)
                await b.press("h", "h", "h", "q", "j")
                await b.main()


@pytest.mark.parametrize(
    ("reply", "words"),
    [
        (Reply(503, "busy now"), "busy now"),
        (Reply(429, "too many", {"Retry-After": "600"}), "The server asks to wait 10 min"),
        (Reply(404, "No such File object: file-0001"), "It is gone, or it belongs to another project."),
    ],
)
async def test_what_fails_says_so_and_is_tried_again(reply: Reply, words: str) -> None:
    with server_of(CHATS[:1000]) as server:
        server.refuse["GET", PATH] = reply
        async with browsing(server.base_url) as b:
            await look(b)
            await b.see(words)
            await b.see("m tries again")
            server.refuse.clear()
            await b.press("m")
            await b.see("record 1 of 3")
            await b.press("escape")
            await b.main()


async def test_a_failure_on_the_way_is_not_asked_about_with_each_key() -> None:
    with server_of(CHATS) as server:
        async with browsing(server.base_url) as b:
            await look(b)
            await b.see("record 1 of")
            server.refuse["GET", PATH] = Reply(503, "busy now")
            await b.press("G")
            await b.see("✗ busy now (HTTP 503) · m tries again")
            await b.press("k", "j", "j", "G", "pagedown")
            assert server.requests.count(f"GET {PATH}") == 2
            server.refuse.clear()
            await b.press("m")
            await b.until(lambda: "busy" not in b.text)
            assert server.requests.count(f"GET {PATH}") == 3


async def test_a_refusal_is_remembered_and_can_be_asked_about_again() -> None:
    with server_of(CHATS[:1000]) as server:
        server.refuse["GET", PATH] = Reply(400, "Not allowed to download files of purpose: batch")
        async with browsing(server.base_url) as b:
            for _ in range(2):
                await look(b)
                await b.see("This server gives out no content of purpose batch.")
                assert server.requests.count(f"GET {PATH}") == 1
                await b.press("q")
                await b.main()
            await look(b)
            server.refuse.clear()
            await b.press("r")
            await b.see("record 1 of 3")
            await b.press("escape")
            await b.main()
            await look(b)
            await b.see("record 1 of 3")


async def test_a_line_that_has_not_all_come_is_copied_as_such(clipboard: list[str]) -> None:
    with server_of(b"first\n" + b"x" * 16 * STEP, "a.txt") as server:
        async with browsing(server.base_url) as b:
            preview = await look(b)
            await b.see("first")
            await b.press("c")
            await b.toast("line 1")
            await b.press("j", "c")
            await b.toast("line 2, as far as it has come")
            assert preview.excerpt is not None
            await b.until(lambda: len(clipboard) == 2)
            assert set(clipboard[1]) == {"x"}


async def test_an_empty_file_and_one_that_is_closed_before_it_comes() -> None:
    with server_of(b"") as server:
        async with browsing(server.base_url) as b:
            await look(b)
            await b.see("The file is empty.")
            await b.press("space", "z", "c", "s", "n", "w", "j", "G", "pageup", "right", "m", "escape")
            await b.main()
            server.contents["file-0001"], server.held = CHATS, True
            await look(b)
            await b.until(server.arrived.is_set)
            await b.press("escape")
            await b.main()


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "The server sent nothing, and lists 2.4 MB."),
        (b'{"error": "no"}', "2.4 MB are listed, and this is 15 B: look whether it is all"),
    ],
)
async def test_what_has_another_length_than_is_listed_is_told_of(content: bytes, words: str) -> None:
    with server_of(CHATS) as server:
        server.contents["file-0001"] = content
        async with browsing(server.base_url) as b:
            await look(b)
            await b.see(words)


async def test_the_detail_pane_shows_first_lines_once_the_cursor_rests(monkeypatch: pytest.MonkeyPatch) -> None:
    looked: list[str] = []
    look = Glimpse.look

    def spy(glimpse: Glimpse, session: Session, file: File) -> None:
        looked.append(file.id.true)
        look(glimpse, session, file)

    monkeypatch.setattr(Glimpse, "look", spy)

    async def rest_after(b: Browser, *keys: str) -> None:
        """Press keys, and stay only where the last of them leads to, however long the others take."""
        await b.press(*keys[:-1])
        looks = len(looked)
        with monkeypatch.context() as patch:
            patch.setattr("files_tui.ui.browse.beside.REST", 0.02)
            await b.press(keys[-1])
            await b.until(lambda: b.current in looked[looks:])

    files = [remote(n, purpose="batch" if n % 2 else "user_data") for n in range(6)]
    with ScriptedServer(files) as server:
        for n in range(6):
            server.contents[f"file-{n:04}"] = b"".join(chat(each) for each in range(100 * n, 100 * n + 99))
        server.refuse.update(
            (("GET", f"/files/file-{n:04}/content"), Reply(400, "Not allowed to download files of purpose: user_data"))
            for n in (0, 2, 4)
        )
        async with browsing(server.base_url) as b:
            pane = b.browse.query_one(DetailPane)
            await rest_after(b, "j", "k")
            await b.detail("details", "user: question 500")
            await b.see("user: question 500")
            await rest_after(b, "j", "j", "j", "j")
            await b.detail("details", "user: question 100")
            await rest_after(b, "k")
            await b.detail("id", "file-0002")
            await b.until(lambda: refused(b))
            assert "question" not in str(pane.query_one("#detail-details").render())
            await rest_after(b, "k", "j", "j")
            await b.detail("details", "user: question 100")
            await rest_after(b, "k", "k", "k")
            await b.detail("id", "file-0004")
            await rest_after(b, "k")
            await b.detail("details", "user: question 500")
        asked = [each for each in server.requests if each.endswith("/content")]
        assert asked[0] == "GET /files/file-0005/content"
        assert len(asked) == len(set(asked))
        assert [each for each in asked if any(f"file-{n:04}" in each for n in (0, 2, 4))] == [
            "GET /files/file-0002/content"
        ]


def refused(b: Browser) -> bool:
    """Whether it is known that there is no content of the purpose under the cursor."""
    assert b.table.current is not None
    assert b.browse.session is not None
    return b.browse.session.lacks("content", b.table.current.purpose) is not None
