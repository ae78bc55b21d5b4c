"""A key shows itself nowhere, and goes to no address but its own."""

import copy
import pickle
import traceback
from dataclasses import asdict
from pathlib import Path

import pytest

from files_tui.settings import Account, NoKeyError, Secret, Settings, SettingsError
from tests.loading import KEY, OPENAI, PROFILES, Load, loading


@pytest.fixture
def load(tmp_path: Path) -> Load:
    return loading(tmp_path)


def test_a_password_in_the_base_url_is_refused_and_not_shown(load: Load) -> None:
    for url in ("https://me:hunter2@x/v1", "https://hunter2@x/v1"):
        with pytest.raises(SettingsError, match="user name or password") as caught:
            load(OPENAI, base_url=url)
        assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize("key", ["sk a", "sk\nb", "sk\x00b", "schlüssel", "sk\u200b", "sk-\udcff"])
def test_a_key_that_cannot_be_sent_is_refused_and_not_shown(load: Load, key: str) -> None:
    with pytest.raises(SettingsError, match="the key from OPENAI_API_KEY holds") as caught:
        load({"OPENAI_API_KEY": key})
    assert key not in str(caught.value)


def test_a_secret_shows_itself_nowhere() -> None:
    secret = Secret(KEY)
    held = Settings(account=Account(key=secret, headers={"X-Key": KEY}, query={"key": KEY}))

    shown = [repr(secret), str(secret), f"{secret}", f"{secret!s:>20}", f"{secret!a}", repr(held), str(held), f"{held}"]
    try:
        raise ValueError(secret, held)
    except ValueError as error:
        shown += traceback.TracebackException.from_exception(error, capture_locals=True).format()

    assert shown[0] == "Secret(…)"
    assert "secret = Secret(…)" in shown[-2]
    assert KEY not in "".join(shown)
    for give_away in (pickle.dumps, copy.copy, copy.deepcopy):
        with pytest.raises(TypeError, match="a secret is not pickled"):
            give_away(secret)
    with pytest.raises(TypeError, match="a secret is not pickled"):
        asdict(held.account)
    assert not hasattr(secret, "__dict__")
    assert secret.reveal() == KEY
    assert secret
    assert not Secret("")


@pytest.mark.parametrize("profile", ["work", "key-only", "bare", None])
def test_the_key_of_a_profile_goes_to_no_other_address(load: Load, profile: str | None) -> None:
    environ = {"DEFAULT_KEY": "sk-default", "OTHER_KEY": "sk-other"}
    with pytest.raises(SettingsError, match=f"--base-url does not go with profile '{profile or 'default'}'"):
        load(environ, PROFILES, profile=profile, base_url="https://elsewhere.example/v1")


def test_the_key_of_the_environment_goes_where_the_person_says(load: Load) -> None:
    account, _ = load(OPENAI, PROFILES, profile="narrow", base_url="https://elsewhere.example/v1")
    assert account.base_url == "https://elsewhere.example/v1"
    assert account.key.reveal() == OPENAI["OPENAI_API_KEY"]


MISPLACED = "gsk-misplaced0123456789"


@pytest.mark.parametrize(
    ("toml", "words"),
    [
        (f"api_key_env = '{MISPLACED}'", "api_key_env must be the name of a variable, and no key itself"),
        (f"api_key_env = '{MISPLACED.replace('-', '_')}'", "set the variable that api_key_env of profile 'p' names"),
        (f"api_key_command = '{MISPLACED}'", "api_key_command of profile 'p' is no command that prints the key"),
        (f"base_url = '{MISPLACED}'\napi_key_env = 'OPENAI_API_KEY'", "what is given is not a base URL"),
    ],
)
def test_a_key_in_the_wrong_place_is_not_shown(
    load: Load, toml: str, words: str, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    with pytest.raises(SettingsError, match=words) as caught:
        load(OPENAI, f"[profiles.p]\n{toml}", profile="p")
    assert "0123456789" not in str(caught.value)
    assert capfdbinary.readouterr() == (b"", b"")  # neither of the shell
    if isinstance(caught.value, NoKeyError):
        assert caught.value.variable is None
