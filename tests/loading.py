"""Accounts from an environment, the text of a config.toml, and flags."""

from collections.abc import Callable
from pathlib import Path

from files_tui.accounts import load_account
from files_tui.config import read_config
from files_tui.settings import Account

KEY = "sk-environment"
OPENAI = {"OPENAI_API_KEY": KEY}

PROFILES = """
[profiles.default]
base_url = "https://default.example/v1"
api_key_env = "DEFAULT_KEY"

[profiles.work]
base_url = "https://work.example/v1?tenant=7"
api_key_command = "echo ' sk-command '; echo noise >&2"
organization = "org-w"
project = "proj_w"
auth = "api-key"
headers = {X-Team = "blue"}
query = {api-version = "1"}
read_only = true

[profiles.bare]
base_url = "https://bare.example/v1"

[profiles.key-only]
api_key_env = "OTHER_KEY"

[profiles.narrow]
project = "proj_n"
headers = {X-Team = "red"}
"""

Load = Callable[..., tuple[Account, bool]]


def loading(folder: Path) -> Load:
    """Loads an account, with the file in that folder."""

    def loaded(
        environ: dict[str, str] | None = None,
        toml: str | None = None,
        *,
        profile: str | None = None,
        base_url: str | None = None,
    ) -> tuple[Account, bool]:
        config = folder / "config.toml"
        if toml is not None:
            config.write_text(toml)
        return load_account(profile=profile, base_url=base_url, environ=environ or {}, config=read_config(config))

    return loaded
