"""Every setting of the bot, typed and described once.

A setting is an environment variable or a line of `.env`; the environment wins. The variable's name
is the field's, in capitals, after `OSUSUME_`: a foreign `DATABASE_URL` or `LOG_LEVEL` that happens
to be in the environment is never taken for ours. `.env.example` lists them all, and a test holds it
to this class.
"""

from __future__ import annotations

import difflib
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal, Self

from dotenv import dotenv_values
from dotenv.parser import parse_stream
from pydantic import (
    BeforeValidator,
    Field,
    SecretStr,
    ValidationError,
    field_validator,
    model_validator,
)
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

PREFIX = "OSUSUME_"

_ENCODING = "utf-8-sig"  # Windows' editors put a byte order mark in front

_SHARDS = 16_384  # far beyond what Discord gives anybody

_ASYNC_DRIVERS = {
    "sqlite": "sqlite+aiosqlite",
    "sqlite+aiosqlite": "sqlite+aiosqlite",
    "postgres": "postgresql+asyncpg",
    "postgresql": "postgresql+asyncpg",
    "postgresql+asyncpg": "postgresql+asyncpg",
}


class SettingsError(Exception):
    """The settings cannot be used; the message says which one and what it should be."""


def _upper(value: object) -> object:
    return value.upper() if isinstance(value, str) else value


def _lower(value: object) -> object:
    return value.lower() if isinstance(value, str) else value


class Settings(BaseSettings):
    """What a server's admin may choose. Built directly it reads the environment, never `.env`."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
        env_ignore_empty=True,  # `OSUSUME_DISCORD_TOKEN=` means: not set
        extra="ignore",  # load_settings reports unknown names, and better
        frozen=True,
        hide_input_in_errors=True,  # an error must not repeat a token or a password
    )

    discord_token: SecretStr | None = Field(
        default=None,
        description="The bot's token from Discord's developer portal. "
        "Without it the bot runs in your browser, in a simulated Discord.",
    )
    database_url: str = Field(
        default="sqlite+aiosqlite:///osusume.sqlite3",
        repr=False,  # it may hold a password
        description="Where ratings are kept: sqlite:///FILE or "
        "postgresql://USER:PASSWORD@HOST/DATABASE. The tables are made at the first start.",
    )
    bundle_path: Path | None = Field(
        default=None,
        description="Folder of the trained weights. Empty means the active ones of the shelf, or "
        "those that ship with the bot.",
    )
    bundle_shelf: Path = Field(
        default=Path("bundles"),
        description="Folder in which scripts/model.py keeps bundles, to switch between them while "
        "the bot runs.",
    )
    cache_dir: Literal["off"] | Path | None = Field(
        default=None,
        description="Folder for what is made once and shared by all processes of a machine: "
        "unpacked weights and the index of titles, 110 MB. Empty means osusume in the user's cache "
        "folder; off keeps none, for slower starts.",
    )
    pick_processes: int = Field(
        default=0,
        ge=0,
        le=64,
        description="How many processes beside the bot's own work out picks. Each uses another "
        "core and 75 MB. 0 needs neither, and does for 200 interactions a second.",
    )
    poster_host: Literal["anilist", "source", "off"] = Field(
        default="anilist",
        description="Where Discord fetches posters: anilist (by the AniList id), "
        "source (the picture named in the catalog) or off (no pictures).",
    )
    mal_client_id: SecretStr | None = Field(
        default=None,
        description="Client id of an API client made at myanimelist.net/apiconfig. With it, people "
        "can bring their MyAnimeList list by user name; without it, as a file.",
    )
    test_guild_id: Annotated[int, Field(gt=0)] | None = Field(
        default=None,
        description="Id of one server in which slash commands appear at once while you develop. "
        "Empty registers them everywhere.",
    )
    local_port: int = Field(
        default=8420,
        ge=0,
        le=65535,
        description="Port of the local bot's page on this computer. 0 takes any free one.",
    )
    local_open_browser: bool = Field(
        default=True,
        description="Whether the local bot opens its page in your browser by itself.",
    )
    retention_days: int = Field(
        default=730,
        ge=0,
        description="What the bot keeps of a person is removed when it ran on more than so many "
        "days without them using it. 0 keeps it until they erase it themselves.",
    )
    log_level: Annotated[Literal["DEBUG", "INFO", "WARNING", "ERROR"], BeforeValidator(_upper)] = (
        Field(
            default="INFO",
            description="How much is logged: DEBUG, INFO, WARNING or ERROR.",
        )
    )
    log_format: Annotated[Literal["text", "json"], BeforeValidator(_lower)] = Field(
        default="text",
        description="How logs are written: text for people, json (an object a line) for machines.",
    )
    health_port: int | None = Field(
        default=None,
        ge=0,
        le=65535,
        description="Port for /livez, /readyz and Prometheus' /metrics. Empty opens none.",
    )
    health_host: str = Field(
        default="127.0.0.1",
        description="Address that the health port listens on; 0.0.0.0 lets other machines ask too.",
    )
    shard_count: Annotated[int, Field(gt=0)] | None = Field(
        default=None,
        description="How many shards all processes have together. Empty lets Discord say.",
    )
    shard_ids: Annotated[tuple[int, ...], NoDecode] = Field(
        default=(),
        description="Which shards this process runs, such as 0-3 or 0,2,5, where several processes "
        "share the bot. Empty runs them all.",
    )

    @field_validator("discord_token")
    @classmethod
    def _token_has_the_shape_of_one(cls, token: SecretStr | None) -> SecretStr | None:
        if token is None:
            return None
        text = token.get_secret_value().strip().removeprefix("Bot ").strip()
        if not text:
            return None
        parts = text.split(".")
        if len(parts) != 3 or not all(parts) or not text.isascii() or any(map(str.isspace, text)):
            message = (
                "is not a bot token: one has three parts joined by dots. Copy it from the Bot "
                "page of your application, not the client secret or the public key"
            )
            raise ValueError(message)
        return SecretStr(text)

    @field_validator("shard_ids", mode="before")
    @classmethod
    def _shards_are_numbers_and_ranges(cls, given: object) -> object:
        if not isinstance(given, str):
            return given
        found: set[int] = set()
        for part in given.replace(" ", "").split(","):
            first, dash, last = part.partition("-")
            last = last if dash else first
            if not (first.isdecimal() and last.isdecimal() and int(first) <= int(last) <= _SHARDS):
                message = "should be numbers and ranges joined by commas, such as 0-3 or 0,2,5"
                raise ValueError(message)
            found |= set(range(int(first), int(last) + 1))
        return tuple(sorted(found))

    @model_validator(mode="after")
    def _shards_exist(self) -> Self:
        if self.shard_ids and self.shard_count is None:
            message = "needs OSUSUME_SHARD_COUNT beside it: how many shards there are in all"
            raise ValueError(message)
        if self.shard_count is not None and any(i >= self.shard_count for i in self.shard_ids):
            message = f"goes beyond the last shard, which is {self.shard_count - 1}"
            raise ValueError(message)
        return self

    @field_validator("database_url")
    @classmethod
    def _database_has_an_asynchronous_driver(cls, url: str) -> str:
        scheme, separator, rest = url.strip().partition("://")
        driver = _ASYNC_DRIVERS.get(scheme.lower())
        if not separator or driver is None:
            message = "should start with sqlite:/// or postgresql://"
            raise ValueError(message)
        return f"{driver}://{rest}"


def load_settings(env_file: Path | None = Path(".env")) -> Settings:
    """Read the settings from the environment and from `.env`.

    Args:
        env_file: the file to read, relative to the working directory; it may be absent.
            None reads the environment alone.

    Raises:
        SettingsError: a value cannot be used, or the file cannot be read.
    """
    try:
        if env_file is not None:
            _refuse_unknown_names(env_file)
        # Pyright builds __init__ from the fields alone and does not see pydantic-settings' own
        # parameters.
        return Settings(
            _env_file=env_file,  # pyright: ignore[reportCallIssue]
            _env_file_encoding=_ENCODING,  # pyright: ignore[reportCallIssue]
        )
    except ValidationError as error:
        sentences = [_sentence(details) for details in error.errors()]
        raise SettingsError("\n".join(sentences)) from None
    except UnicodeDecodeError:
        message = f"{env_file} is not UTF-8 text: save it again with the encoding UTF-8."
        raise SettingsError(message) from None
    except OSError as error:
        message = f"{env_file} cannot be read: {error.strerror}."
        raise SettingsError(message) from None


def _refuse_unknown_names(env_file: Path) -> None:
    """A misspelt setting, or one without its prefix, would otherwise be ignored in silence."""
    if not env_file.exists():
        return
    if env_file.is_dir():
        message = f"{env_file} is a folder, and should be a text file of settings: move it away."
        raise SettingsError(message)
    with env_file.open(encoding=_ENCODING) as file:
        for line in parse_stream(file):
            if line.error or (line.key is not None and line.value is None):
                text = line.original.string  # with the empty lines before it
                number = line.original.line + text[: -len(text.lstrip())].count("\n")
                message = (
                    f"line {number} of {env_file} is not a setting: write NAME=VALUE, or # before "
                    "a remark."
                )
                raise SettingsError(message)
    for name in dotenv_values(env_file, encoding=_ENCODING):
        bare = name.upper().removeprefix(PREFIX).lower()
        if name.upper().startswith(PREFIX) and bare in Settings.model_fields:
            continue
        close = difflib.get_close_matches(bare, Settings.model_fields, n=1)
        meant = f" Did you mean {PREFIX}{close[0].upper()}?" if close else ""
        message = f"{name} in {env_file} is not a setting; .env.example lists them all.{meant}"
        raise SettingsError(message)


def _sentence(error: ErrorDetails) -> str:
    """One validation error as a sentence that begins with the variable's name."""
    # The one check that looks at two settings has no place of its own.
    name = f"{PREFIX}{str(error['loc'][0] if error['loc'] else 'shard_ids').upper()}"
    reason = (
        error["msg"]
        .removeprefix("Value error, ")
        .replace("Input should be", "should be")
        .replace("a valid integer", "a whole number")
        .replace("a valid boolean", "true or false")
        # "…, unable to parse string as an integer" repeats what the first half said.
        .split(", unable to")[0]
    )
    return f"{name} {reason}."
