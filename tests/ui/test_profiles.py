"""From one account to another without a restart: everything of the new one, and nothing of the old."""

import os
import threading
from pathlib import Path

import pytest

from files_tui.accounts import Accounts
from files_tui.text import Safe
from files_tui.ui.messages import CatalogDamaged, ConnectFailed, JobsChanged, Noted, TurnedReadOnly
from files_tui.ui.screens.filter import FilterScreen
from files_tui.ui.screens.log import LogScreen
from files_tui.ui.screens.profiles import PartingScreen, ProfilesScreen
from files_tui.ui.screens.resume import ResumeScreen
from tests.ui.helpers import KEY, Browser, browsing, entries
from tests.ui.scripted import ScriptedServer, remote

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("quick_ticks")]

OURS, WORK = f"Bearer {KEY}", "Bearer sk-work"


@pytest.fixture(autouse=True)
def ends_are_awaited(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wait until threads have ended, however slow they are: what is left half done is looked for after it."""
    monkeypatch.setattr("files_tui.transfers.queue.LEAVING_SECONDS", 20.0)


def servers() -> tuple[ScriptedServer, ScriptedServer]:
    return (
        ScriptedServer([remote(1, "our.txt", bytes=1000), remote(2, "other.txt", purpose="batch")]),
        ScriptedServer([remote(3, "work.txt"), remote(4, "works.txt")]),
    )


def profiles(folder: Path, here: ScriptedServer, *tables: str) -> Accounts:
    """The environment has an account at `here`; each table is a profile, or several."""
    path = folder / "config.toml"
    path.write_text("\n".join(tables))
    environ = {"OPENAI_API_KEY": KEY, "OPENAI_BASE_URL": here.base_url, "WORK_KEY": "sk-work"}
    return Accounts(environ, path, None, base_url=None, read_only=False)


def work(server: ScriptedServer, more: str = 'api_key_env = "WORK_KEY"') -> str:
    return f'[profiles.work]\nbase_url = "{server.base_url}"\n{more}\n'


async def choose(b: Browser, key: str) -> None:
    await b.press("P")
    await b.screen(ProfilesScreen)
    await b.press(key)


async def lists(b: Browser, *names: str) -> None:
    await b.until(lambda: b.browse.is_mounted and b.browse.is_active and b.names == [*names])


async def test_all_is_of_the_account_that_was_chosen_and_each_key_goes_to_its_own_server(
    tmp_path: Path, here: Path, clipboard: list[str]
) -> None:
    ours, theirs = servers()
    with ours, theirs:
        accounts = profiles(tmp_path, ours, work(theirs, 'api_key_env = "WORK_KEY"\nread_only = true'))
        async with browsing(ours.base_url, accounts=accounts) as b:
            await b.press("a", "2")
            await b.until(lambda: b.names == ["other.txt"])
            await b.press("P")
            await b.screen(ProfilesScreen)
            lines = [line.split("│")[1].strip() for line in b.text.split("\n") if "127.0.0.1" in line]
            assert lines == [
                f"1  environment {ours.base_url[7:-3]} · in use",
                f"2  work        {theirs.base_url[7:-3]} · read-only",
            ]
            await b.press("2")
            await lists(b, "works.txt", "work.txt")
            await b.synced(2)
            assert b.head.startswith(f"files-tui · read-only · {theirs.base_url[7:-3]} · work")
            assert (b.marks, b.browse.view.purpose) == (0, None)
            assert "upload" not in b.words("#keys")
            await b.press("x", "u", "c")
            await b.until(lambda: clipboard == ["file-0004"])
            await b.download()
            await b.toast("Saved")
            assert b.app.screen is b.browse

            await choose(b, "1")
            await lists(b, "other.txt", "our.txt")
            await b.synced(2)
            assert "· default" in b.head
            assert "read-only" not in b.head
            assert "upload" in b.words("#keys")
            await b.press("l")
            await b.screen(LogScreen)
            assert len(b.app.exchanges) == len(ours.requests) + len(theirs.requests)
    assert (ours.keys, theirs.keys) == ({OURS}, {WORK})
    assert entries(here) == ["works.txt"]


async def test_what_the_account_that_was_left_still_says_reaches_no_one(tmp_path: Path) -> None:
    ours, theirs = servers()
    late = Safe("too late")
    with ours, theirs:
        accounts = profiles(tmp_path, ours, work(theirs))
        async with browsing(ours.base_url, accounts=accounts) as b:
            left = b.browse
            left.quits_when_done = True
            gate = ours.gate(1)
            await b.press("r")
            await b.until(lambda: len(ours.asked) > 1)
            b.app.open_another(accounts.load("work")[0], read_only=False, remember=True)
            for message in (Noted(late), TurnedReadOnly(late), ConnectFailed(late), CatalogDamaged(), JobsChanged([])):
                left.post_message(message)
            gate.set()
            await b.until(lambda: not left.is_running)
            await lists(b, "works.txt", "work.txt")
            await b.refreshed(2)
            assert b.toasts == []
            assert "read-only" not in b.head
            assert "upload" in b.words("#keys")


WRONG = {
    'api_key_env = "NO_KEY"': "no API key: set NO_KEY",
    'api_key_command = "exit 3"': "api_key_command of profile 'work' ended with exit code 3",
    'api_key_command = "kill -15 $$"': "api_key_command of profile 'work' was ended by signal 15",
    'auth = "basic"': "config.toml line 3: profile 'work': auth must be",
}


async def test_an_account_that_cannot_be_opened_leaves_all_as_it_is(tmp_path: Path) -> None:
    ours, theirs = servers()
    with ours, theirs:
        accounts = profiles(tmp_path, ours)
        async with browsing(ours.base_url, accounts=accounts) as b:
            browse = b.browse
            await b.press("space")
            for table, words in WRONG.items():
                accounts.path.write_text(work(theirs, table))  # each P reads it anew
                await choose(b, "2")
                await b.toast(f"Account: {words}")
                assert b.toasts[-1].endswith("\nThe account stays as it is.")
            assert (b.browse, b.marks) == (browse, 1)
            await b.refreshed(2)
            accounts.path.write_text("[profiles.work]\nbase_url = 3\n")
            await b.press("P")
            await b.screen(ProfilesScreen)
            assert "in use" in next(line for line in b.text.split("\n") if "environment" in line)
            assert "✗ cannot be used" in next(line for line in b.text.split("\n") if "work" in line)
    assert theirs.keys == set()


async def test_a_command_that_takes_its_time_holds_nothing_up(tmp_path: Path) -> None:
    ours, theirs = servers()
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with ours, theirs:
        accounts = profiles(tmp_path, ours, work(theirs, f'api_key_command = "cat {pipe}"'))
        async with browsing(ours.base_url, accounts=accounts) as b:
            await choose(b, "2")
            await b.main()
            await b.press("f")
            await b.screen(FilterScreen)
            with pipe.open("w") as key:
                key.write("sk-work\n")
            await b.until(lambda: not any(thread.name == "profile" for thread in threading.enumerate()))
            assert isinstance(b.app.screen, FilterScreen)
            await b.press("escape")
            await lists(b, "works.txt", "work.txt")
    assert (ours.keys, theirs.keys) == ({OURS}, {WORK})


async def test_what_moves_is_asked_about_and_gone_on_with_when_one_comes_back(tmp_path: Path, here: Path) -> None:
    ours, theirs = servers()
    with ours, theirs:
        ours.held = True
        async with browsing(ours.base_url, accounts=profiles(tmp_path, ours, work(theirs))) as b:
            await b.press("j")
            await b.download()
            await b.until(ours.arrived.is_set)
            await choose(b, "2")
            await b.screen(PartingScreen)
            assert "Leave this account? 1 transfer has not ended" in b.text
            await b.press("escape")
            await b.main()
            assert b.browse.active == 1

            await choose(b, "2")
            await b.screen(PartingScreen)
            await b.press("r")
            await lists(b, "works.txt", "work.txt")
            assert b.browse.active == 0
            await choose(b, "1")
            await b.screen(ResumeScreen)
            ours.release()
            await b.press("y")
            await b.toast("Saved")
    assert entries(here) == ["our.txt"]
    assert theirs.keys == {WORK}


async def test_what_is_given_up_leaves_nothing(tmp_path: Path, here: Path) -> None:
    ours, theirs = servers()
    with ours, theirs:
        ours.held = True
        async with browsing(ours.base_url, accounts=profiles(tmp_path, ours, work(theirs))) as b:
            await b.press("j")
            await b.download()
            await b.until(lambda: entries(here))
            await choose(b, "2")
            await b.screen(PartingScreen)
            await b.press("x")
            await lists(b, "works.txt", "work.txt")
            assert entries(here) == []


async def test_where_there_is_no_other_account_it_says_how_to_have_one(tmp_path: Path, shared_empty: str) -> None:
    async with browsing(shared_empty, demo=True) as b:
        await b.press("P")
        await b.toast("The demo has no other account; without --demo, P shows your profiles.")
    with ScriptedServer() as server:
        async with browsing(server.base_url, accounts=profiles(tmp_path, server)) as b:
            await b.press("P")
            await b.toast("There is no other account: make a [profiles.NAME] in ")
