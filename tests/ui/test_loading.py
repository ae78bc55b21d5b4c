"""While the listing comes, page by page: what is seen, what is asked for, and what can be done meanwhile."""

import pytest

from tests.demo_server import running_demo
from tests.ui.conftest import LIVE
from tests.ui.helpers import browsing
from tests.ui.scripted import Asked, ScriptedServer, remote

pytestmark = pytest.mark.anyio

PURPOSES = ("fine-tune", "batch", "evals")


def mixed(count: int) -> list[dict[str, object]]:
    return [remote(n, purpose=PURPOSES[n % 3]) for n in range(count)]


@pytest.mark.parametrize(("height", "page_size"), [(12, None), (40, None), (60, None), (40, 7), (40, 300)])
async def test_the_first_request_asks_for_one_screen(height: int, page_size: int | None) -> None:
    with ScriptedServer([remote(n) for n in range(500)]) as server:
        server.gate(2)
        async with browsing(server.base_url, size=(120, height), synced=False, page_size=page_size) as b:
            await b.until(lambda: b.rows)
            assert server.asked[0] == Asked(max(20, page_size or b.browse.page_length), None, None)


@pytest.mark.parametrize("files", [3, 20, 33])
async def test_a_listing_that_fits_takes_one_request(files: int) -> None:
    with ScriptedServer([remote(n) for n in range(files)]) as server:
        async with browsing(server.base_url) as b:
            await b.synced(files)
            assert len(b.rows) == files
            assert len(server.asked) == 1


async def test_a_longer_one_is_asked_for_in_pages_of_ten_thousand() -> None:
    with ScriptedServer([remote(n) for n in range(500)]) as server:
        async with browsing(server.base_url) as b:
            await b.synced(500)
            assert [(request.limit, request.after) for request in server.asked[1:]] == [(10_000, None)]


async def test_the_head_counts_and_the_rows_stay_while_the_pages_come() -> None:
    with ScriptedServer([remote(n) for n in range(350)]) as server:
        server.allowed = 100
        gates = {number: server.gate(number) for number in (2, 6, 7, 8)}
        async with browsing(server.base_url, synced=False, page_size=20) as b:
            await b.until(lambda: len(b.rows) == 20 and "loading… 20 so far" in b.head)
            assert b.foot.startswith("page 1 of 1 · 1–20 of 20")
            await b.press("j", "space", "j")
            gates[2].set()
            await b.until(lambda: "100 files · " in b.head and "loading… 100 so far" in b.head)
            assert (b.current, b.marked) == ("file-0346", [1])
            gates[6].set()
            await b.until(lambda: "loading… 200 so far" in b.head)
            await b.press("G")
            await b.until(lambda: b.foot.startswith("page 10 of 10 · 181–200 of 200"))
            gates[7].set()
            await b.until(lambda: "loading… 300 so far" in b.head)
            assert b.current == "file-0150"
            assert b.foot.startswith("page 10 of 15 · 181–200 of 300")
            gates[8].set()
            await b.synced(350)
            assert b.current == "file-0150"
            assert "so far" not in b.head + b.foot
            assert b.marks == 1


async def test_a_purpose_that_is_chosen_meanwhile_is_fetched_first() -> None:
    with ScriptedServer(mixed(600)) as server:
        server.allowed = 100
        # The refusals of 10,000, 2,000 and 1,000 come before the first page of a hundred; the one behind it is under
        # way when the key is pressed.
        gates = [server.gate(6), server.gate(7, 8, 9)]
        async with browsing(server.base_url, synced=False, page_size=20) as b:
            await b.until(lambda: "100 so far" in b.head and len(server.asked) == 6)
            await b.press("3")
            await b.until(lambda: b.foot.startswith("34 of the 100 loaded so far · page 1 of 2 · 1–20")
                          or b.foot.startswith("33 of the 100 loaded so far · page 1 of 2 · 1–20"))  # fmt: skip
            gates[0].set()
            await b.until(lambda: Asked(100, None, "evals") in server.asked[6:8])
            gates[1].set()
            await b.synced(600)
            assert b.foot.startswith("200 of 600 · page 1 of 10 · 1–20")
            assert [request.purpose for request in server.asked].count("evals") == 2
            assert {request.purpose for request in server.asked} == {None, "evals"}


async def test_the_purpose_of_the_command_line_is_fetched_first() -> None:
    with ScriptedServer(mixed(600)) as server:
        server.allowed = 100
        gate = server.gate(7)
        async with browsing(server.base_url, synced=False, page_size=20, purpose="batch") as b:
            await b.until(lambda: b.foot.startswith("200 of the "))
            assert b.foot.startswith("200 of the 213 loaded so far · page 1 of 10 · 1–20")
            assert set(b.column("Purpose")) == {"batch"}
            gate.set()
            await b.synced(600)


async def test_digits_sorting_and_search_while_it_fills_agree_with_what_is_there_then() -> None:
    with ScriptedServer(mixed(400)) as server:
        server.allowed = 100
        gates = {number: server.gate(number) for number in (6, 7, 8)}
        async with browsing(server.base_url, synced=False, page_size=20) as b:
            await b.until(lambda: "100 so far" in b.head)
            await b.press("slash", *"data-03", "enter", "S")
            await b.until(lambda: b.foot.startswith("100 of the 100 loaded so far"))
            assert b.current == "file-0300"
            await b.press("j", "j", "space")
            for number, files in ((6, 200), (7, 300)):
                gates[number].set()
                await b.until(lambda files=files: f"{files} so far" in b.head)  # type: ignore[misc]
                assert b.current == "file-0303"
            gates[8].set()
            await b.synced(400)
            assert b.current == "file-0303"
            assert b.foot.startswith("100 of 400 · page 1 of 5 · 1–20 · 1 marked")


async def test_nothing_of_that_kind_is_said_as_of_so_far_until_all_is_there() -> None:
    with ScriptedServer(mixed(300)) as server:
        server.allowed = 100
        gate = server.gate(6)
        async with browsing(server.base_url, synced=False) as b:
            await b.until(lambda: "100 so far" in b.head)
            await b.press("slash", *"data-0001", "enter")
            await b.until(lambda: "Nothing matches “data-0001” so far" in b.notice)
            gate.set()
            await b.until(lambda: b.ids == ["file-0001"])
            assert b.notice == ""


async def test_r_meanwhile_begins_again_and_ends_well() -> None:
    with ScriptedServer(mixed(300)) as server:
        server.allowed = 100
        gate = server.gate(6)
        async with browsing(server.base_url, synced=False) as b:
            await b.until(lambda: "100 so far" in b.head)
            await b.press("r")
            gate.set()
            await b.synced(300)
            assert b.toasts == []


async def test_fifty_thousand_files_on_a_real_server() -> None:
    with running_demo("--bulk", "50000", *LIVE) as base_url:
        async with browsing(base_url) as b:
            assert "50,000 files · 2.4 GB · synced" in b.head
            length = b.browse.page_length
            await b.press("a")
            await b.until(lambda: "50,000 marked, 2.4 GB" in b.foot)
            assert b.marked == list(range(length))
            await b.press("G")
            await b.until(lambda: "–50,000 of 50,000 · 50,000 marked" in b.foot)
            assert len(b.marked) == len(b.rows)
            await b.press("2", "asterisk")
            await b.until(lambda: b.foot.startswith("6,250 of 50,000 · page 1 of ") and "43,750 marked" in b.foot)
            assert b.marked == []
            await b.press("slash", *"requests-049999", "enter")
            await b.until(lambda: b.foot.startswith("1 of 50,000 · page 1 of 1 · 1–1 · 43,750 marked"))
            await b.press("escape")
            await b.until(lambda: b.marks == 0 and "marked" not in b.foot)
