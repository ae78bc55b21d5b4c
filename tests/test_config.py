"""What `config.toml` may say, and that nothing in it ends the program: what is wrong is told by its line."""

import re
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from files_tui.config import COLUMNS, Config, KeyChoice, Profile, read_config
from files_tui.text import Safe
from files_tui.toml import lines_of

ROOT = Path(__file__).parents[1]
ABOUT_THE_FILE = ("path", "problems", "wheres", "broken", "may_be_read_only")

FULL = """
# My settings.
theme = "nord"
page_size = 25
columns = [
    "name", "size",
    "status",
]
download_dir = "FOLDER"
mouse = false
animation = "none"
confirm = "always"

[keys]
"copy.id" = "c, ctrl+y"
list.search = "none"
file.upload = ""

[profiles.work]
api_key_env = "WORK_KEY"
read_only = true
"""


def read(tmp_path: Path, words: str | bytes) -> Config:
    path = tmp_path / "config.toml"
    path.write_bytes(words if isinstance(words, bytes) else words.encode("utf-8", "surrogateescape"))
    return read_config(path)


def where(line: int) -> Safe:
    return Safe(f"config.toml line {line}")


def test_no_file_sets_nothing(tmp_path: Path) -> None:
    assert read_config(tmp_path / "config.toml") == Config(path=tmp_path / "config.toml")
    assert read(tmp_path, "") == Config(path=tmp_path / "config.toml")


def test_each_setting_is_a_field_that_is_documented_here_and_in_the_readme() -> None:
    fields = [field for field in Config.__struct_fields__ if field not in ABOUT_THE_FILE]
    source, readme = ((ROOT / name).read_text() for name in ("files_tui/config.py", "README.md"))
    table = readme.split("| setting |")[1].split("\n\n")[0]
    assert re.findall(r"^\| `\[?([a-z_]+)", table, re.MULTILINE) == fields
    for kind in (Config, Profile):
        for field in kind.__struct_fields__:
            if field not in ABOUT_THE_FILE[:1]:
                assert re.search(rf'^    {field}: .*\n    """\S', source, re.MULTILINE), field


@pytest.mark.parametrize("form", ["{}", "\ufeff{}"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_every_setting(tmp_path: Path, form: str, end: str) -> None:
    config = read(tmp_path, form.format(FULL.replace("FOLDER", str(tmp_path)).replace("\n", end)))

    assert config.problems == ()
    assert (config.theme, config.page_size, config.mouse) == ("nord", 25, False)
    assert (config.animation, config.confirm, config.download_dir) == ("none", "always", tmp_path)
    assert config.columns == ("size", "status", "name")
    assert config.keys == (
        KeyChoice("copy.id", ("c", "ctrl+y"), where(15)),
        KeyChoice("list.search", (), where(16)),
        KeyChoice("file.upload", (), where(17)),
    )
    assert config.profiles == {"work": Profile(api_key_env="WORK_KEY", read_only=True)}
    assert config.wheres["columns"] == where(5)


@pytest.mark.parametrize(
    ("words", "line", "problem"),
    [
        ("\n\ntehme = 'nord'", 3, "unknown setting 'tehme' (theme?), ignored"),
        ("# x\n\n[profile.work]\nproject = 'p'", 3, "unknown setting 'profile' (profiles?), ignored"),
        ("zzz.y = 1", 1, "unknown setting 'zzz', ignored"),
        ('"a\\u001b[2Jb" = 1', 1, "unknown setting 'a␛[2Jb', ignored"),
        ("mouse = true\ntheme = 3", 2, "theme must be text, ignored"),
        ("page_size = 0", 1, "page_size must be a number from 1 to 10000, ignored"),
        ("page_size = true", 1, "page_size must be a number from 1 to 10000, ignored"),
        ("page_size = '7'", 1, "page_size must be a number from 1 to 10000, ignored"),
        ("mouse = 'no'", 1, "mouse must be true or false, ignored"),
        ("animation = 'some'", 1, "animation must be 'auto' or 'full' or 'none', ignored"),
        ("confirm = 'never'", 1, "confirm must be 'ask' or 'count' or 'always', ignored"),
        ("confirm = ['ask']", 1, "confirm must be 'ask' or 'count' or 'always', ignored"),
        ("columns = 'size'", 1, f"columns must be a list of {', '.join(COLUMNS)}, each once at most, ignored"),
        ("columns = []", 1, "columns must be a list of "),
        ("\ncolumns = [\n'siez']", 2, "columns must be a list of "),
        ("columns = ['size', {}]", 1, "columns must be a list of "),
        ("columns = ['size', 'size']", 1, "columns must be a list of "),
        ("download_dir = 'here'", 1, "download_dir must be a whole path, or begin with ~/, ignored"),
        ("download_dir = '/nowhere/at all'", 1, "download_dir is no folder: /nowhere/at all, ignored"),
        ('download_dir = "/\\u0000"', 1, "download_dir is no folder: /␀, ignored"),
        ("keys = 3", 1, "keys must be a table, [keys], ignored"),
        ("[keys]\n'copy.id' = 3", 2, 'copy.id must be text, such as "c,ctrl+c", ignored'),
        ("keys = {copy = {id = ['c']}}", 1, "copy.id must be text"),
        ("profiles = 3", 1, "profiles must be a table, [profiles.NAME], ignored"),
        ("[profiles]\np = 3", 2, "[profiles.NAME] must be tables; the profile cannot be used"),
        ("[profiles.p]\n\ncolour = 'x'", 3, "profile 'p' has an unknown key 'colour', ignored"),
        ("[profiles.p]\nauth = 'x'", 2, "profile 'p': auth must be 'bearer' or 'api-key'; the profile cannot be used"),
        (
            "[profiles.p]\napi_key_env = 'sk-1'",
            2,
            "profile 'p': api_key_env must be the name of a variable, and no key",
        ),
        ("profiles.p = {proejct = 'x'}", 1, "profile 'p': proejct is no key of a profile: project?; the profile"),
        ("x = '''\ntheme = 1\n'''\ntheme = [\n 1,\n]", 4, "theme must be text, ignored"),
        ("[profiles\n", 1, "Expected ']' at the end of a table declaration; nothing of it is used"),
        ("theme = 'nord'\nmouse == 3\n", 2, "Invalid value; nothing of it is used"),
        ("theme = 'nord'\ntheme = 'nord'\n", 2, "Cannot overwrite a value; nothing of it is used"),
        ("theme = 'nord'\nread_only = \n", 2, "Invalid value; nothing of it is used, and this session is read-only"),
    ],
)
def test_what_is_wrong_is_told_by_its_line(tmp_path: Path, words: str, line: int, problem: str) -> None:
    problems = read(tmp_path, words).problems
    assert [each for each in problems if each.startswith(f"{where(line)}: {problem}")], problems
    assert all(each.isprintable() for each in problems)


def test_what_is_right_is_used_beside_what_is_wrong(tmp_path: Path) -> None:
    words = "theme = 'nord'\nmouse = 3\n[keys]\na = 1\nb = 'x'\n[profiles.p]\nproject = 'y'\nauth = 1"
    config = read(tmp_path, words)
    assert (config.theme, config.mouse) == ("nord", True)
    assert [choice.binding for choice in config.keys] == ["b"]
    assert config.profiles["p"].error == f"{where(8)}: profile 'p': auth must be 'bearer' or 'api-key'"
    assert len(config.problems) == 3


@pytest.mark.parametrize("words", [b"\xff", b"x = " + b"[" * 5000, b"\x00", b"[" * 5000])
def test_what_is_no_toml_at_all_is_one_line(tmp_path: Path, words: bytes) -> None:
    config = read(tmp_path, words)
    assert msgspec.structs.replace(config, problems=(), broken=None) == Config(path=config.path)
    (problem,) = config.problems
    assert problem.startswith("config.toml")
    assert problem.endswith("; nothing of it is used")
    assert len(problem) < 200


def test_another_encoding_is_told_by_its_line(tmp_path: Path) -> None:
    (problem,) = read(tmp_path, b"theme = 'nord'\n# f\xfcr mich\n").problems
    assert problem == "config.toml line 2: not written in UTF-8; nothing of it is used"


NAMES = st.sampled_from(["a", "b-c", '"d.e"', "'f g'", '"\\u00e9"', "1"])
VALUES = st.sampled_from(["1", "'#x'", '"""\n[t]\na = 1\n"""', "[\n1,\n2]", "{i = 1, j.k = 2}", "1 # a = 1"])


@given(st.lists(st.tuples(NAMES, st.lists(st.tuples(NAMES, NAMES, VALUES), max_size=4)), max_size=5))
def test_every_name_is_found_on_the_line_that_it_stands_on(
    tables: list[tuple[str, list[tuple[str, str, str]]]],
) -> None:
    lines: list[str] = []
    expected: dict[tuple[str, ...], int] = {}
    for number, (table, keys) in enumerate(tables):
        lines += ["", f"[t{number}.{table}] # a"]
        for at, (first, second, value) in enumerate(keys):
            place = (f"t{number}", plain(table), f"k{at}", plain(first), plain(second))
            expected[place] = len(lines) + 1
            lines += f"k{at}.{first} . {second} = {value}".split("\n")
    found = lines_of("\n".join(lines))
    assert {place: found[place] for place in expected} == expected


def plain(name: str) -> str:
    return re.sub("^[\"'](.*)[\"']$", r"\1", name).replace("\\u00e9", "é")
