"""Where a listing is kept between two runs, who may read it, and what becomes of a file that is no use."""

import hashlib
import os
import random
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from files_tui.catalog.cache import Opened, catalog_path, open_catalog
from files_tui.catalog.catalog import Catalog
from files_tui.catalog.errors import CatalogFailed
from files_tui.catalog.query import Query
from files_tui.catalog.temporary import PREFIX, remove_left_over
from files_tui.settings import Account, Secret
from tests.catalog_model import ids, settle
from tests.files import a_file

KEY = "sk-proj-0123456789abcdefghij"
ACCOUNT = Account(
    key=Secret(KEY), organization="org-42", project="proj_77", headers={"X-Team": "blue"}, query={"version": "7"}
)


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The folder of our cache, which is not there yet, for a person whose files anyone may read."""
    for name in ("home", "cache", "tmp"):
        (tmp_path / name).mkdir()
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "tmp"))
    usual = os.umask(0)
    yield tmp_path / "cache" / "files-tui"
    os.umask(usual)


def opened(account: Account = ACCOUNT, *, keep: bool = True) -> closing[Opened]:
    return closing(open_catalog(account, keep=keep))


def known(catalog: Catalog) -> list[str]:
    return ids(catalog.page(Query(descending=False), 5_000))


def works(catalog: Catalog) -> bool:
    """Whether a catalog is empty, and one to use."""
    was_empty = known(catalog) == []
    catalog.upsert([a_file(id="new")])
    settle(catalog)
    return was_empty and known(catalog) == ids(catalog.page(Query(text="new"), 9)) == ["new"]


def filled() -> Path:
    """A catalog of thousands of files, closed again."""
    with opened() as kept:
        kept.catalog.upsert(a_file(id=f"f{n:05}", filename=f"name-{n}", raw=b"x" * 300) for n in range(4_000))
        settle(kept.catalog)
        assert kept.path is not None
        return kept.path


def test_a_listing_is_kept_for_the_next_run() -> None:
    with opened() as first:
        first.catalog.upsert([a_file(id="a")])
        assert first.path == catalog_path(ACCOUNT)
    with opened() as second:
        assert known(second.catalog) == ["a"]
        assert second.note is None


def test_nobody_else_may_read_it(cache: Path) -> None:
    cache.mkdir(parents=True, exist_ok=True)
    cache.chmod(0o755)  # as an older program may have left it
    with opened() as kept:
        kept.catalog.upsert([a_file(id="a")])
        modes = {path.name.rpartition("sqlite")[2]: path.stat().st_mode & 0o777 for path in cache.iterdir()}
        assert modes == {"": 0o600, "-wal": 0o600, "-shm": 0o600, "salt": 0o600}
    assert cache.stat().st_mode & 0o777 == 0o700


def test_neither_the_key_nor_a_guess_at_it_can_be_read_from_the_folder(cache: Path) -> None:
    with opened() as kept:
        kept.catalog.upsert([a_file(id="a")])
        for path in cache.iterdir():
            for secret in (KEY, KEY[:8], "org-42", "proj_77", "blue"):
                assert secret not in path.name
                assert secret.encode() not in path.read_bytes()
            for guess in (KEY, f"{ACCOUNT.base_url}{KEY}"):
                for algorithm in (hashlib.md5, hashlib.sha1, hashlib.sha256, hashlib.blake2b, hashlib.blake2s):
                    assert algorithm(guess.encode()).hexdigest()[:8] not in path.name
    name = catalog_path(ACCOUNT).name
    (cache / "salt").unlink()
    assert catalog_path(ACCOUNT).name != name, "the name can be told without this machine's secret"


def test_each_account_has_a_file_of_its_own() -> None:
    accounts = [
        ACCOUNT,
        replace(ACCOUNT, key=Secret(KEY + "x")),
        replace(ACCOUNT, organization="org-43"),
        replace(ACCOUNT, organization=None),
        replace(ACCOUNT, project=None, organization="proj_77"),
        replace(ACCOUNT, base_url="https://api.openai.com/v2"),
        replace(ACCOUNT, base_url="https://other.test/v1"),
        replace(ACCOUNT, base_url="http://api.openai.com/v1"),
        replace(ACCOUNT, auth="api-key"),
        replace(ACCOUNT, headers={"X-Team": "red"}),
        replace(ACCOUNT, headers={}),
        replace(ACCOUNT, query={"version": "8"}),
        replace(ACCOUNT, query={**ACCOUNT.query, **ACCOUNT.headers}, headers={}),
    ]
    assert len({catalog_path(account) for account in accounts}) == len(accounts)


def test_an_account_has_the_same_file_however_it_is_named() -> None:
    again = replace(
        ACCOUNT,
        base_url=ACCOUNT.base_url + "/",
        key=Secret(KEY),
        profile="work",
        key_from="OTHER_KEY",
        headers=dict(ACCOUNT.headers),
    )
    assert catalog_path(again) == catalog_path(ACCOUNT)
    one, two = ({"A": "1", "B": "2"}, {"B": "2", "A": "1"})
    assert catalog_path(replace(ACCOUNT, headers=one)) == catalog_path(replace(ACCOUNT, headers=two))


def test_a_host_of_any_name_makes_a_file_name(cache: Path) -> None:
    for host in ("localhost:8000", "[::1]:80", "..", "a" * 250, "bücher.test"):
        path = catalog_path(replace(ACCOUNT, base_url=f"http://{host}/v1"))
        assert path.parent == cache
        assert len(path.name) < 100
        assert path.name.isascii()


def test_programs_that_start_at_once_take_the_same_secret(cache: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        for _ in range(10):
            assert len(set(pool.map(lambda _: catalog_path(ACCOUNT), range(8)))) == 1
            shutil.rmtree(cache)


def test_a_secret_that_was_cut_is_made_anew(cache: Path) -> None:
    cache.mkdir()
    (cache / "salt").write_bytes(b"short")
    path = catalog_path(ACCOUNT)
    assert len((cache / "salt").read_bytes()) == 32
    assert catalog_path(ACCOUNT) == path
    assert os.listdir(cache) == ["salt"]


def garbage(path: Path) -> None:
    path.write_bytes(random.Random(1).randbytes(20_000))


def words(path: Path) -> None:
    path.write_text("no database")


def cut(path: Path) -> None:
    shutil.copy(filled(), path)
    os.truncate(path, path.stat().st_size // 2)


def overwritten_schema(path: Path) -> None:
    content = bytearray(filled().read_bytes())
    content[100:4096] = b"\xff" * 3996
    path.write_bytes(content)


def foreign(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("create table notes (text)")


def older(path: Path) -> None:
    of_version(path, 0)


def newer(path: Path) -> None:
    of_version(path, 99)


def of_version(path: Path, version: int) -> None:
    shutil.copy(filled(), path)
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(f"pragma user_version = {version}")


@pytest.mark.parametrize(
    ("spoil", "what"),
    [
        *((spoil, "damaged") for spoil in (garbage, words, cut, overwritten_schema)),
        *((foreign, "not a catalog"), (older, "of an older version"), (newer, "of a newer version")),
    ],
)
def test_a_file_that_is_no_use_is_set_aside(cache: Path, spoil: Callable[[Path], None], what: str) -> None:
    account = replace(ACCOUNT, project="spoiled")
    path = catalog_path(account)
    spoil(path)
    spoiled = path.read_bytes()
    aside = path.with_suffix(".aside")
    aside.write_text("an earlier one")

    with opened(account) as kept:
        assert kept.path == path
        assert kept.note == f"the kept listing was {what} and is set aside as {aside.name}; it is fetched anew"
        assert works(kept.catalog)
    if what == "damaged":
        assert aside.read_bytes() == spoiled
    assert aside.exists()
    with opened(account) as again:
        assert again.note is None
        assert known(again.catalog) == ["new"]
    assert not [path for path in cache.iterdir() if path.name.endswith(("-wal", "-shm"))]


def test_an_empty_file_is_an_empty_catalog() -> None:
    catalog_path(ACCOUNT).touch()
    with opened() as kept:
        assert kept.note is None
        assert works(kept.catalog)


def test_damage_that_shows_later_is_told_from_other_trouble() -> None:
    path = filled()
    content = bytearray(path.read_bytes())
    middle = len(content) // 8192 * 4096
    content[middle - 100 * 4096 : middle + 100 * 4096] = b"\xa5" * (200 * 4096)
    path.write_bytes(content)

    with opened() as damaged:
        assert damaged.note is None
        for ask in (lambda: known(damaged.catalog), lambda: damaged.catalog.finish_sync(damaged.catalog.begin_sync())):
            with pytest.raises(CatalogFailed) as failed:
                ask()
            assert failed.value.is_damage

        damaged.catalog.note("page_limit", 5)
        with closing(damaged.anew(ACCOUNT)) as fresh:
            assert fresh.path == path
            assert fresh.note is not None
            assert "damaged" in fresh.note
            damaged.catalog.note("page_limit", 6)
            assert works(fresh.catalog)
            damaged.catalog.note("page_limit", 7)
            assert fresh.catalog.noted("page_limit") is None
            damaged.close()
            fresh.catalog.upsert([a_file(id="newer")])
            with opened() as other:
                assert known(other.catalog) == known(fresh.catalog) == ["new", "newer"]
    with opened() as kept:
        assert known(kept.catalog) == ["new", "newer"]


def test_a_temporary_catalog_has_another_in_its_place() -> None:
    with opened(keep=False) as damaged:
        damaged.catalog.upsert([a_file(id="a")])
        with closing(damaged.anew(ACCOUNT)) as fresh:
            assert fresh.path is None
            assert works(fresh.catalog)
            assert known(damaged.catalog) == ["a"]


def test_what_is_not_to_be_kept_leaves_nothing(cache: Path, tmp_path: Path) -> None:
    with opened(keep=False) as opened_:
        assert (opened_.path, opened_.note) == (None, None)
        assert works(opened_.catalog)
        assert len(list((tmp_path / "tmp").iterdir())) == 1
    assert [path for path in tmp_path.rglob("*") if path.parent != tmp_path] == []


def test_what_a_killed_program_leaves_is_removed_by_the_next(tmp_path: Path) -> None:
    code = "import sys; from files_tui.catalog.temporary import TemporaryFolder; TemporaryFolder(); print(flush=True)"
    environ = {"TMPDIR": str(tmp_path / "tmp"), "PATH": os.environ["PATH"]}
    command = [sys.executable, "-c", f"{code}; sys.stdin.read()"]
    with subprocess.Popen(command, env=environ, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
        assert other.stdout
        other.stdout.readline()
        (left,) = (tmp_path / "tmp").iterdir()
        (tmp_path / "tmp" / f"{PREFIX}strange").mkdir()
        with opened(keep=False) as ours:
            remove_left_over()
            assert left.exists(), "it is still in use"
            other.kill()
            other.wait()
            remove_left_over()
            assert not left.exists()
            assert works(ours.catalog)
    assert [path.name for path in (tmp_path / "tmp").iterdir()] == [f"{PREFIX}strange"]


def file_for_folder(cache: Path) -> None:
    cache.write_text("no folder")


def folder_for_file(cache: Path) -> None:
    catalog_path(ACCOUNT).mkdir()


@pytest.mark.parametrize("spoil", [file_for_folder, folder_for_file])
def test_where_nothing_can_be_kept_the_listing_ends_with_the_program(
    cache: Path, tmp_path: Path, spoil: Callable[[Path], None]
) -> None:
    spoil(cache)
    with opened() as temporary:
        assert temporary.path is None
        assert temporary.note is not None
        assert temporary.note.startswith("the listing cannot be kept on disk: ")
        assert works(temporary.catalog)
    assert list((tmp_path / "tmp").iterdir()) == []
