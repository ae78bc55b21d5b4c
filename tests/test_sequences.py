"""The grammar takes what the program sends, and finds every text of the corpus that would act on a terminal."""

import base64

import pytest

from tests.hostile import CONTROLS, ESCAPES, HOSTILE, INVISIBLE, unprintable
from tests.sequences import foreign

OWN = (
    "\x1b[?1049h\x1b[2;10H\x1b[1;38;5;253;48;5;233mfiles · 會\x1b[0m\r\n"
    "\x1b[?2026h\x1b[38;2;1;2;3;49m\x1b[12G\x1b[39m\x1b[?2026l\x1b]22;default\x07"
)


def test_what_the_program_sends_is_its_own() -> None:
    assert foreign(OWN.encode()) == []
    assert foreign(f"{OWN}\x1b]52;c;{base64.b64encode(b'file-1').decode()}\x07".encode(), ["file-1"]) == []


@pytest.mark.parametrize(
    "harm",
    [
        *("\x1b", "\x1b[31m", "\x1b[m", "\x1b[H", "\x1b[2J", "\x1b[1;1", "\x1b[0;1;m", "\x1b[5m"),
        *("\x1b]52;c;YQ==\x07", "\x1b]0;x\x07"),
        *("\x1b]8;;x\x1b\\", "\x1bPx\x1b\\", "\x1b_x\x1b\\", "\x9b0m", "\x9d0;\x9c"),
        *("\r", "\n", "\t", "\x07", "\x7f", "\0", "\x85"),
        *("\u202e", "\u200b", "\u2028", "\ue000", "\U000e0041", "\x1bc", "\x1b[?1h"),
        *("\x1b[6n", "\x1b[c", "\x1b[?1049l\x1b[?1049l"),
    ],
    ids=ascii,
)  # fmt: skip
def test_anything_else_is_found(harm: str) -> None:
    for before, behind in (("", ""), (OWN, OWN.replace("\x1b[?1049h", "")), ("a", "b"), ("\x1b[0m", "\r\n")):
        assert foreign(f"{before}{harm}{behind}".encode()), ascii(harm)


def test_no_other_text_is_copied() -> None:
    copy = b"\x1b]52;c;Zmls\x07"
    assert foreign(copy, ["fil"]) == []
    assert foreign(copy, ["fil", "fil"])
    assert foreign(copy + copy, ["fil"])
    assert foreign(copy, ["other"])
    assert foreign(b"\x1b]52;c;\x07", [""])
    assert foreign(b"", ["fil"])
    assert foreign(b"\xff")


@pytest.mark.parametrize("name", [*ESCAPES, *CONTROLS, *(name for name in INVISIBLE if unprintable(HOSTILE[name]))])
def test_every_harmful_text_is_found(name: str) -> None:
    assert foreign(HOSTILE[name].encode("utf-8", "surrogatepass")), name
