"""Where the address and the key come from."""

from pathlib import Path

import pytest

from files_tui import accounts, settings
from files_tui.accounts import Accounts, load_account
from files_tui.config import read_config
from files_tui.settings import DEFAULT_BASE_URL, NoKeyError, SettingsError, host_of
from tests.loading import KEY, OPENAI, PROFILES, Load, loading

AZURE = {"AZURE_OPENAI_API_KEY": "azure-key", "AZURE_OPENAI_ENDPOINT": "https://me.openai.azure.com/"}


@pytest.fixture
def load(tmp_path: Path) -> Load:
    return loading(tmp_path)


def test_the_environment_as_the_official_client_reads_it(load: Load) -> None:
    account, read_only = load(
        {
            "OPENAI_API_KEY": f" {KEY}\n",
            "OPENAI_BASE_URL": "http://localhost:8000/v1/",
            "OPENAI_ORG_ID": "org-1",
            "OPENAI_PROJECT_ID": "proj_1",
            "OPENAI_CUSTOM_HEADERS": "X-One: 1\nno header\n X-Two :a: b \n: empty\n",
        }
    )

    assert account.key.reveal() == KEY
    assert account.base_url == "http://localhost:8000/v1"
    assert (account.organization, account.project, account.auth) == ("org-1", "proj_1", "bearer")
    assert account.headers == {"X-One": "1", "X-Two": "a: b"}
    assert account.host == "localhost:8000"
    assert not read_only


def test_empty_variables_are_as_good_as_none(load: Load) -> None:
    account, _ = load({**OPENAI, "OPENAI_BASE_URL": " ", "OPENAI_ORG_ID": "", "OPENAI_PROJECT_ID": ""})
    assert (account.base_url, account.organization, account.project) == (DEFAULT_BASE_URL, None, None)


@pytest.mark.parametrize(
    ("more", "base_url", "query"),
    [
        ({}, "https://me.openai.azure.com/openai/v1", {}),
        (
            {"OPENAI_API_VERSION": "2024-10-21"},
            "https://me.openai.azure.com/openai",
            {"api-version": "2024-10-21"},
        ),
    ],
)
def test_azure(load: Load, more: dict[str, str], base_url: str, query: dict[str, str]) -> None:
    account, _ = load({**AZURE, **more})
    assert (account.base_url, account.query) == (base_url, query)
    assert (account.auth, account.key.reveal(), account.profile) == ("api-key", "azure-key", "azure")


def test_openai_comes_before_azure(load: Load) -> None:
    assert load({**OPENAI, **AZURE})[0].auth == "bearer"


def test_an_azure_key_without_an_endpoint_is_no_account(load: Load) -> None:
    with pytest.raises(NoKeyError):
        load({"AZURE_OPENAI_API_KEY": "azure-key"})


def test_a_named_profile_wins_over_the_environment(load: Load) -> None:
    account, read_only = load({**OPENAI, "OPENAI_ORG_ID": "org-e"}, PROFILES, profile="work")

    assert account.base_url == "https://work.example/v1"
    assert account.query == {"tenant": "7", "api-version": "1"}
    assert account.key.reveal() == "sk-command"
    assert (account.organization, account.project, account.auth) == ("org-w", "proj_w", "api-key")
    assert account.headers == {"X-Team": "blue"}
    assert account.profile == "work"
    assert read_only


def test_the_environment_wins_over_the_default_profile(load: Load) -> None:
    assert load(OPENAI, PROFILES)[0].key.reveal() == KEY
    account, _ = load({"DEFAULT_KEY": "sk-default"}, PROFILES)
    assert (account.base_url, account.key.reveal()) == ("https://default.example/v1", "sk-default")


def test_the_base_url_flag_wins_over_all(load: Load) -> None:
    environ = {**OPENAI, "OPENAI_BASE_URL": "http://environment/v1"}
    assert load(environ, PROFILES, base_url="http://flag/v1")[0].base_url == "http://flag/v1"
    with pytest.raises(SettingsError, match="--base-url does not go with profile 'work'"):
        load(environ, PROFILES, profile="work", base_url="http://flag/v1")


@pytest.mark.parametrize(
    ("misspelt", "meant"),
    [
        *(("readonly", "read_only"), ("read_onyl", "read_only"), ("Read-Only", "read_only"), ("proejct", "project")),
        *(("organisation", "organization"), ("url", "base_url"), ("api_key", "api_key_env"), ("header", "headers")),
    ],
)
def test_a_misspelt_key_of_a_profile_is_no_silent_danger(load: Load, misspelt: str, meant: str) -> None:
    with pytest.raises(SettingsError, match=rf"line 2: profile 'p': {misspelt} is no key of a profile: {meant}\?"):
        load(OPENAI, f"[profiles.p]\n{misspelt} = true\n", profile="p")


def test_a_key_of_a_profile_that_means_nothing_is_ignored(load: Load) -> None:
    account, read_only = load(OPENAI, "[profiles.p]\nremark = 'mine'\ncolour = 3\nproject = 'proj_p'", profile="p")
    assert (account.project, read_only) == ("proj_p", False)


@pytest.mark.parametrize("line", ["read_only = 'yes'", "read_onyl = true", "read_only = 0"])
def test_what_may_have_meant_read_only_is(load: Load, line: str) -> None:
    """Also where no more of the profile is used."""
    for toml in (f"[profiles.default]\n{line}", f"[profiles.default]\n{line}\nauth = 3", f"[profiles\n{line}"):
        account, read_only = load(OPENAI, toml)
        assert (account.key.reveal(), read_only) == (KEY, True)


def test_an_error_in_the_default_profile_is_none_of_the_environments(load: Load) -> None:
    toml = "[profiles.default]\nauth = 'basic'"
    assert load(OPENAI, toml)[1] is False
    with pytest.raises(SettingsError, match="auth must be 'bearer' or 'api-key'"):
        load({}, toml)


def test_an_address_of_a_profile_never_gets_the_environments_key(load: Load) -> None:
    with pytest.raises(NoKeyError, match="api_key_env or api_key_command in profile 'bare'"):
        load({**OPENAI, **AZURE}, PROFILES, profile="bare")
    with pytest.raises(NoKeyError, match="set DEFAULT_KEY"):
        load(OPENAI, PROFILES, profile="default")


def test_a_key_of_a_profile_never_goes_to_the_environments_address(load: Load) -> None:
    environ = {**OPENAI, "OPENAI_BASE_URL": "http://elsewhere/v1", "OPENAI_ORG_ID": "org-e", "OTHER_KEY": "sk-other"}
    account, _ = load(environ, PROFILES, profile="key-only")
    assert (account.base_url, account.key.reveal()) == (DEFAULT_BASE_URL, "sk-other")
    assert account.organization is None


def test_a_profile_without_address_and_key_narrows_the_environment(load: Load) -> None:
    environ = {**OPENAI, "OPENAI_BASE_URL": "http://e/v1", "OPENAI_ORG_ID": "org-e", "OPENAI_PROJECT_ID": "proj_e"}
    account, _ = load({**environ, "OPENAI_CUSTOM_HEADERS": "X-Team: blue\nX-More: 1"}, PROFILES, profile="narrow")
    assert (account.base_url, account.key.reveal()) == ("http://e/v1", KEY)
    assert (account.organization, account.project) == ("org-e", "proj_n")
    assert account.headers == {"X-Team": "red", "X-More": "1"}

    azure, _ = load({**AZURE, "OPENAI_API_VERSION": "2"}, PROFILES, profile="narrow")
    assert (azure.auth, azure.query, azure.key.reveal()) == ("api-key", {"api-version": "2"}, "azure-key")


def test_no_key(load: Load) -> None:
    with pytest.raises(NoKeyError, match=r"no API key: set OPENAI_API_KEY, or try --demo"):
        load()
    with pytest.raises(NoKeyError, match="set DEFAULT_KEY"):
        load({}, PROFILES)
    with pytest.raises(NoKeyError):
        load({}, '[profiles.p]\napi_key_command = "true"', profile="p")


@pytest.mark.parametrize(
    ("toml", "words"),
    [
        ("[profiles.p", "cannot read"),
        ("\udcff", "cannot read"),
        ("profiles = 3", "no profile 'p'"),
        ("[profiles]\np = 3", "must be tables"),
        ("[profiles.q]\n[profiles.r]", r"no profile 'p' in .*config.toml \(known: q, r\)"),
        ("", r"\(known: none yet\)"),
        ("[profiles.p]\nbase_url = 3", "base_url must be text"),
        ("[profiles.p]\norganization = ['x']", "organization must be text"),
        ("[profiles.p]\nauth = 'basic'", "auth must be 'bearer' or 'api-key'"),
        ("[profiles.p]\nheaders = 'x'", "headers must be a table of texts"),
        ("[profiles.p]\nquery = {a = 1}", "query must be a table of texts"),
        ("[profiles.p]\nread_only = 'true'", "read_only must be true or false"),
        ("[profiles.p]\napi_key_command = 'yes'", "api_key_command of profile 'p' prints far more than a key"),
        ("[profiles.p]\napi_key_command = 'exit 3'", "api_key_command of profile 'p' ended with exit code 3"),
        ("[profiles.p]\napi_key_command = 'no-such-program-at-all 2>/dev/null'", "ended with exit code 127"),
        ("[profiles.p]\napi_key_command = \"printf 'sk-\\\\377'\"", "holds characters that no key has"),
        ("[profiles.p]\napi_key_command = \"printf 'sk-a\\\\nsk-b'\"", "holds a space or a line break"),
        ("[profiles.p]\nheaders = {\"a b\" = 'x'}", "the header 'a b' cannot be sent"),
        ("[profiles.p]\nheaders = {\"a:\" = 'x'}", "the header 'a:' cannot be sent"),
        ("[profiles.p]\nheaders = {\"\" = 'x'}", "cannot be sent"),
        ('[profiles.p]\nheaders = {X = "a\\nb"}', "the header 'X' cannot be sent"),
        ("[profiles.p]\nheaders = {content-Length = '5'}", "the header 'content-Length' cannot be set"),
        ("[profiles.p]\nheaders = {Transfer-Encoding = 'chunked'}", "the header 'Transfer-Encoding' cannot be set"),
        ("[profiles.p]\nproject = 'é'", "'OpenAI-Project' cannot be sent"),
        ('[profiles.p]\norganization = "a\\nb"', "'OpenAI-Organization' cannot be sent"),
    ],
)
def test_a_profile_that_cannot_be_used(tmp_path: Path, toml: str, words: str) -> None:
    config = tmp_path / "config.toml"
    config.write_bytes(toml.encode("utf-8", "surrogateescape"))
    with pytest.raises(SettingsError, match=words) as caught:
        load_account(profile="p", base_url=None, environ=OPENAI, config=read_config(config))
    assert "\n" not in str(caught.value)


def test_a_profile_file_that_cannot_be_read(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / ("x" * 300)):
        config = read_config(path)
        assert len(config.problems) == 1
        assert (
            load_account(profile=None, base_url=None, environ=OPENAI, config=config)[1] is True
        )  # it may have said so
        for profile, environ in (("p", OPENAI), ("default", OPENAI), (None, {})):
            with pytest.raises(SettingsError, match="cannot read"):
                load_account(profile=profile, base_url=None, environ=environ, config=config)


def test_a_key_command_that_hangs(load: Load, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(accounts, "COMMAND_SECONDS", 0.05)
    with pytest.raises(SettingsError, match=r"api_key_command of profile 'p' did not end in 0 s"):
        load({}, '[profiles.p]\napi_key_command = "exec sleep 100"', profile="p")


@pytest.mark.parametrize(
    "url",
    [
        *("", "localhost:8000", "ftp://x/v1", "http://", "http:///v1", "//x/v1", "http://x:99999", "http://x:0"),
        *("http://x:y/", "http://[::1/v1", "http://a b/v1", "http://x/\n/v1", "http://x/\u202e", "javascript:alert(1)"),
    ],
)
def test_what_is_no_base_url(load: Load, url: str) -> None:
    with pytest.raises(SettingsError, match="is not a base URL") as caught:
        load(OPENAI, base_url=url)
    assert not any(char in str(caught.value) for char in "\n\u202e")


@pytest.mark.parametrize(
    ("url", "base_url", "query"),
    [
        ("http://x/v1//", "http://x/v1", {}),
        ("http://x/v1?api-version=1&empty=", "http://x/v1", {"api-version": "1", "empty": ""}),
        ("http://x/v1#part", "http://x/v1", {}),
        ("HTTPS://[::1]:8443/v1", "https://[::1]:8443/v1", {}),
    ],
)
def test_a_base_url_is_tidied(load: Load, url: str, base_url: str, query: dict[str, str]) -> None:
    account, _ = load(OPENAI, base_url=url)
    assert (account.base_url, account.query) == (base_url, query)


def test_an_environment_that_cannot_be_sent_is_refused(load: Load) -> None:
    for name in ("OPENAI_ORG_ID", "OPENAI_PROJECT_ID"):
        with pytest.raises(SettingsError, match="cannot be sent"):
            load({**OPENAI, name: "ä"})
    with pytest.raises(SettingsError, match="cannot be sent"):
        load({**OPENAI, "OPENAI_CUSTOM_HEADERS": "X-Ä: 1"})


def test_downloads_go_where_one_can_write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert settings.default_download_dir() == tmp_path
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setattr("os.access", lambda path, mode: False)
    assert settings.default_download_dir() == tmp_path / "home"


def test_a_command_that_cannot_be_run_is_named(load: Load) -> None:
    with pytest.raises(SettingsError, match="api_key_command of profile 'odd' cannot be run"):
        load({}, '[profiles.odd]\napi_key_command = "a\\u0000b"\n', profile="odd")


@pytest.mark.parametrize("began", [None, "narrow"])
def test_an_address_of_the_command_line_is_for_the_account_that_the_run_began_with(tmp_path: Path, began: str) -> None:
    path = tmp_path / "config.toml"
    path.write_text(PROFILES)
    environ = {**OPENAI, "OPENAI_BASE_URL": "http://e/v1", "OTHER_KEY": "sk-other", "DEFAULT_KEY": "sk-default"}
    found = Accounts(environ, path, began, base_url="http://flag/v1", read_only=True)

    addresses = {name: found.load(name)[0].base_url for name in (None, "narrow", "key-only", "default", "work")}
    assert addresses == {
        None: "http://e/v1",
        "narrow": "http://e/v1",
        "key-only": DEFAULT_BASE_URL,
        "default": "https://default.example/v1",
        "work": "https://work.example/v1",
        began: "http://flag/v1",
    }
    keys = {name: found.load(name)[0].key.reveal() for name in addresses}
    assert keys == {
        None: KEY,
        "narrow": KEY,
        "key-only": "sk-other",
        "default": "sk-default",
        "work": "sk-command",
    }
    shown = {choice.profile: choice.host for choice in found.choices() if choice.profile != "bare"}
    assert shown == {name: host_of(address) for name, address in addresses.items()}
    assert [choice.profile for choice in found.choices() if choice.asks] == ["work"]
    assert all(found.load(name)[1] for name in addresses)
