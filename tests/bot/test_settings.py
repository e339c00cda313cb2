import os
from pathlib import Path

import pytest

from bot.settings import PREFIX, Settings, SettingsError, load_settings

ROOT = Path(__file__).parents[2]
TOKEN = "MTIz.Gabc12.s3cr3t-part"  # has the shape of a token, and is none


@pytest.fixture(autouse=True)
def bare_environment(monkeypatch, tmp_path):
    for name in list(os.environ):
        if name.upper().startswith(PREFIX):
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)


def write_env(text, encoding="utf-8"):
    path = Path(".env")
    path.write_bytes(text.encode(encoding))
    return path


def example_blocks():
    """Each variable of .env.example with its value and the comment above it, on one line."""
    text = (ROOT / ".env.example").read_text(encoding="utf-8")
    blocks = {}
    for block in text.strip().split("\n\n")[1:]:
        *comments, assignment = block.splitlines()
        name, _, value = assignment.partition("=")
        blocks[name] = value, " ".join(line.removeprefix("# ") for line in comments)
    return blocks


def test_the_example_names_every_setting_and_nothing_else():
    assert list(example_blocks()) == [f"{PREFIX}{name.upper()}" for name in Settings.model_fields]


@pytest.mark.parametrize("name", Settings.model_fields)
def test_the_example_says_what_the_class_says_of_each_setting(name):
    _, comment = example_blocks()[f"{PREFIX}{name.upper()}"]
    assert comment == Settings.model_fields[name].description


def test_the_example_copied_as_it_is_gives_the_defaults():
    assert load_settings(ROOT / ".env.example") == load_settings(None)


def test_without_a_file_or_a_variable_there_is_no_token():
    assert load_settings().discord_token is None


def test_the_environment_wins_over_the_file(monkeypatch):
    write_env("OSUSUME_LOCAL_PORT=1111\nOSUSUME_POSTER_HOST=off\n")
    monkeypatch.setenv("OSUSUME_LOCAL_PORT", "2222")
    settings = load_settings()
    assert (settings.local_port, settings.poster_host) == (2222, "off")


def test_a_foreign_variable_without_the_prefix_is_not_taken_for_ours(monkeypatch):
    monkeypatch.setenv("DATABASE_URL", "postgresql://someone:else@elsewhere/app")
    assert load_settings().database_url == Settings.model_fields["database_url"].default


def test_settings_built_in_code_do_not_read_the_file():
    write_env("OSUSUME_LOCAL_PORT=1111\n")
    assert Settings().local_port != 1111


@pytest.mark.parametrize("written", [TOKEN, f"'{TOKEN}'", f"  {TOKEN}  ", f"Bot {TOKEN}"])
def test_a_token_is_read_however_it_was_pasted(written):
    token = load_settings(write_env(f"OSUSUME_DISCORD_TOKEN={written}\n")).discord_token
    assert token is not None
    assert token.get_secret_value() == TOKEN


def test_neither_the_token_nor_the_password_of_the_database_is_ever_printed():
    settings = load_settings(
        write_env(
            f"OSUSUME_DISCORD_TOKEN={TOKEN}\nOSUSUME_DATABASE_URL=postgresql://me:hunter2@db/bot\n"
        )
    )
    for text in (repr(settings), str(settings), f"{settings.discord_token}"):
        assert "s3cr3t" not in text
        assert "hunter2" not in text


@pytest.mark.parametrize(
    ("written", "used"),
    [
        ("sqlite:///my.db", "sqlite+aiosqlite:///my.db"),
        ("sqlite+aiosqlite:///my.db", "sqlite+aiosqlite:///my.db"),
        ("postgres://u:p@h/d", "postgresql+asyncpg://u:p@h/d"),
        ("postgresql://u:p@h/d", "postgresql+asyncpg://u:p@h/d"),
        ("postgresql+asyncpg://u:p@h/d", "postgresql+asyncpg://u:p@h/d"),
    ],
)
def test_a_database_address_gets_the_driver_that_the_bot_uses(written, used):
    assert load_settings(write_env(f"OSUSUME_DATABASE_URL={written}\n")).database_url == used


@pytest.mark.parametrize("level", ["debug", "Debug", "DEBUG"])
def test_the_log_level_may_be_written_in_any_case(level):
    assert load_settings(write_env(f"OSUSUME_LOG_LEVEL={level}\n")).log_level == "DEBUG"


def test_a_byte_order_mark_is_not_part_of_the_first_name():
    assert load_settings(write_env("OSUSUME_LOCAL_PORT=99\n", "utf-8-sig")).local_port == 99


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("LOCAL_PORT=abc", "should be a whole number"),
        ("LOCAL_PORT=70000", "should be less than or equal to 65535"),
        ("LOCAL_PORT=-1", "should be greater than or equal to 0"),
        ("LOCAL_OPEN_BROWSER=maybe", "should be true or false"),
        ("POSTER_HOST=imgur", "should be 'anilist', 'source' or 'off'"),
        ("LOG_LEVEL=loud", "should be 'DEBUG', 'INFO', 'WARNING' or 'ERROR'"),
        ("TEST_GUILD_ID=here", "should be a whole number"),
        ("DATABASE_URL=mysql://me:hunter2@db/x", "should start with sqlite:/// or postgresql://"),
        ("DISCORD_TOKEN=my-client-s3cr3t", "is not a bot token"),
    ],
)
def test_a_wrong_value_gets_a_sentence_that_names_the_variable_and_hides_the_value(line, said):
    path = write_env(f"OSUSUME_{line}\n")
    with pytest.raises(SettingsError) as caught:
        load_settings(path)
    message = str(caught.value)
    assert message.startswith(f"OSUSUME_{line.partition('=')[0]} {said}")
    assert message.endswith(".")
    assert len(message.splitlines()) == 1
    assert "pydantic" not in message
    assert "hunter2" not in message
    assert "s3cr3t" not in message


def test_every_wrong_value_is_named_at_once():
    path = write_env("OSUSUME_LOCAL_PORT=abc\nOSUSUME_LOG_LEVEL=loud\n")
    with pytest.raises(SettingsError) as caught:
        load_settings(path)
    assert len(str(caught.value).splitlines()) == 2


@pytest.mark.parametrize(
    ("name", "meant"),
    [("OSUSUME_DATABSE_URL", "OSUSUME_DATABASE_URL"), ("DISCORD_TOKEN", "OSUSUME_DISCORD_TOKEN")],
)
def test_a_misspelt_name_in_the_file_gets_the_name_that_was_meant(name, meant):
    path = write_env(f"{name}=x\n")
    with pytest.raises(
        SettingsError, match=f"^{name} in .env is not a setting.*Did you mean {meant}"
    ):
        load_settings(path)


def test_a_name_that_is_like_no_setting_is_refused_without_a_guess():
    path = write_env("POSTGRES_PASSWORD=x\n")
    with pytest.raises(SettingsError) as caught:
        load_settings(path)
    assert "Did you mean" not in str(caught.value)


def test_a_file_in_another_encoding_gets_a_sentence():
    path = write_env("OSUSUME_LOCAL_PORT=99\n", "utf-16")
    with pytest.raises(SettingsError, match="UTF-8"):
        load_settings(path)


@pytest.mark.parametrize("line", ["this is no setting", "OSUSUME_LOG_LEVEL", "=DEBUG", "'open"])
def test_a_line_that_is_no_setting_is_named_by_its_number(line):
    Path(".env").write_text(f"# a remark\n\n{line}\n", encoding="utf-8")
    with pytest.raises(SettingsError, match=r"line 3 of \.env is not a setting"):
        load_settings()


def test_a_folder_in_the_place_of_the_file_is_named():
    Path(".env").mkdir()
    with pytest.raises(SettingsError, match=r"\.env is a folder"):
        load_settings()
