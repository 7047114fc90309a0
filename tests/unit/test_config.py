"""The configuration: read from a file, the environment and files of secrets; refused clearly."""

import tomllib
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel

from bot.check import check
from bot.clock import SystemClock
from bot.compose import compose, wrong_rules
from bot.config import SECRETS, Config, RoomSettings, load
from bot.errors import ConfigError
from bot.transports.matrix.settings import MatrixSettings
from bot.transports.slack.settings import SlackSettings

MATRIX = '[matrix]\nhomeserver = "https://m.example.org"\nuser_id = "@desk:example.org"\n'
SLACK = '[slack]\nbot_token = "any"\n'
SOCKET = f'{SLACK}app_token = "any"\n'
HTTP = f'{SLACK}mode = "http"\nsigning_secret = "any"\n'
SERVICES: dict[str, type[BaseModel]] = {"matrix": MatrixSettings, "slack": SlackSettings}
LISTS = {"commands", "aliases"}
EXAMPLE = Path(__file__).parents[2] / "config.example.toml"


def read(folder: Path, text: str) -> Config:
    file = folder / "desk.toml"
    file.write_text(text, encoding="utf-8")
    return load(file)


def sentences(folder: Path, text: str) -> list[str]:
    with pytest.raises(ExceptionGroup) as refused:
        read(folder, text)
    assert all(isinstance(error, ConfigError) for error in refused.value.exceptions)
    return [str(error).replace(f"{folder}/", "") for error in refused.value.exceptions]


def test_an_empty_file_is_the_defaults(tmp_path: Path) -> None:
    assert read(tmp_path, "").model_dump() == Config().model_dump()


def test_a_file_is_read(tmp_path: Path) -> None:
    config = read(
        tmp_path,
        f'{MATRIX}access_token = "0123"\n[[rooms]]\nid = "#it:example.org"\nkind = "support"\n',
    )
    assert config.rooms == (RoomSettings(id="#it:example.org", kind="support"),)
    assert config.matrix is not None
    assert config.matrix.access_token is not None
    assert "0123" not in repr(config)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ('[desk]\nzone = "Berlin"', "desk.toml: desk.zone: expected an IANA time zone"),
        ('[desk]\nname = ""', "desk.toml: desk.name: string should have at least 1 character"),
        ("[desk]\nnmae = 'x'", "desk.toml: desk.nmae: there is no such key"),
        ("[dseks]\n", "desk.toml: dseks: there is no such key"),
        ("[web]\nport = 99999", "desk.toml: web.port: input should be less than or equal to 65535"),
        ("[web]\nport = 'x'", "desk.toml: web.port: input should be a valid integer"),
        ("[log]\nlevel = 'loud'", "desk.toml: log.level: input should be 'debug', 'info'"),
        ("[knowledge]\nsure = 0.1", "desk.toml: knowledge: unsure must not be above sure"),
        ("[[rooms]]\nid = 'x'", "desk.toml: rooms.0.kind: it is required"),
        ("[[rooms]]\nid = ''\nkind = 'staff'", "desk.toml: rooms.0.id: string should have"),
        ("[retention]\nmessages_days = 0", "desk.toml: retention.messages_days: input should be"),
        (MATRIX, "desk.toml: matrix: expected an access_token, a password, or both"),
        ("[slack]\n", "desk.toml: slack.bot_token: it is required"),
        (SLACK, 'desk.toml: slack: mode = "socket" needs app_token'),
        (f'{SLACK}mode = "http"', 'desk.toml: slack: mode = "http" needs signing_secret'),
        (f"{HTTP}[web]\nport = 0", 'slack.mode = "http" needs the web server: set web.port'),
        (f'{SLACK}app_token = ""', "desk.toml: slack.app_token: it is empty"),
        (f'{SOCKET}commands = ["desk"]', "desk.toml: slack.commands: 'desk': expected a slash"),
        (f'{SOCKET}path = "events"', "desk.toml: slack.path: expected a path such as"),
        (f'{SOCKET}api_url = "slack.com"', "desk.toml: slack.api_url: expected an address"),
        (f'{SOCKET}refresh_token = "x"', "desk.toml: slack: token rotation needs refresh_token"),
        (MATRIX.replace("https://", ""), "desk.toml: matrix.homeserver: expected an address"),
        (MATRIX.replace("@desk", "desk"), "desk.toml: matrix.user_id: expected a Matrix user id"),
        (
            '[commands]\nannounce = "boss"',
            "desk.toml: commands.announce: input should be 'employee'",
        ),
        ("rooms = 3", "desk.toml: rooms: input should be a valid tuple"),
        ("desk = 3", "desk.toml: desk: input should be a valid dictionary"),
        ("[desk\n", "desk.toml: it is not valid TOML: "),
        (f'{MATRIX}access_token_file = "none"', "matrix.access_token_file: none cannot be read"),
        (
            f'{MATRIX}access_token = "t"\naccess_token_file = "x"',
            "desk.toml: matrix.access_token_file: access_token is set too; keep one of them",
        ),
    ],
)
def test_what_is_wrong_is_said_with_file_and_key(tmp_path: Path, text: str, sentence: str) -> None:
    (said,) = sentences(tmp_path, text)
    assert sentence in said


def test_everything_that_is_wrong_is_said_at_once(tmp_path: Path) -> None:
    assert len(sentences(tmp_path, "[web]\nport = 'x'\n[desk]\nzone = 'x'\nnmae = 'x'")) == 3


def test_a_file_that_cannot_be_read_says_why(tmp_path: Path) -> None:
    for file, why in (
        (tmp_path / "none.toml", "there is no such file; begin with a copy of"),
        (tmp_path, "it is a folder"),
    ):
        with pytest.raises(ExceptionGroup) as refused:
            load(file)
        assert why in str(refused.value.exceptions[0])


def test_a_file_in_another_encoding_says_so(tmp_path: Path) -> None:
    (tmp_path / "desk.toml").write_bytes("[desk]\nname = 'Büro'".encode("latin-1"))
    with pytest.raises(ExceptionGroup) as refused:
        load(tmp_path / "desk.toml")
    assert "it is not UTF-8 text" in str(refused.value.exceptions[0])


def test_the_environment_goes_before_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DESKSIDE_DESK__NAME", "Ada")
    monkeypatch.setenv("DESKSIDE_MATRIX__ACCESS_TOKEN", "from outside")
    config = read(tmp_path, f"{MATRIX}[desk]\nname = 'Bob'\nzone = 'UTC'")
    assert (config.desk.name, config.desk.zone) == ("Ada", "UTC")
    assert config.matrix is not None
    assert config.matrix.access_token is not None
    assert config.matrix.access_token.get_secret_value() == "from outside"


def test_a_wrong_variable_is_named_instead_of_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DESKSIDE_WEB__PORT", "many")
    (said,) = sentences(tmp_path, "")
    assert said.startswith("DESKSIDE_WEB__PORT: web.port: ")


@pytest.mark.parametrize(
    ("variable", "value", "sentence"),
    [
        (
            "DESKSIDE_ROOMS",
            "nonsense",
            'DESKSIDE_ROOMS: rooms: expected JSON, such as [{"id": "#it',
        ),
        ("DESKSIDE_DESK", "x", "DESKSIDE_DESK: desk: it is a section; set its keys one by one, as"),
        ("DESKSIDE_PEOPLE__AGENTS", "bea", "DESKSIDE_PEOPLE__AGENTS: people.agents: expected a li"),
        ("DESKSIDE_MATRIX__INVITE_FROM", "a", "DESKSIDE_MATRIX__INVITE_FROM: matrix.invite_from: "),
    ],
)
def test_a_variable_that_should_hold_json_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, variable: str, value: str, sentence: str
) -> None:
    monkeypatch.setenv("DESKSIDE_MATRIX__HOMESERVER", "https://m.example.org")
    monkeypatch.setenv(variable, value)
    (said,) = sentences(tmp_path, "")
    assert said.startswith(sentence)


def test_secrets_come_from_files_beside_the_configuration(tmp_path: Path) -> None:
    (tmp_path / "token").write_text("s3cret\n")
    config = read(tmp_path, f'{MATRIX}access_token_file = "token"')
    assert config.matrix is not None
    assert config.matrix.access_token is not None
    assert config.matrix.access_token.get_secret_value() == "s3cret"


def test_without_its_secrets_a_configuration_can_be_read_before_there_are_any(
    tmp_path: Path,
) -> None:
    file = tmp_path / "desk.toml"
    rotating = f'{SLACK}app_token_file = "none"\nrefresh_token_file = "none"\n'
    file.write_text(f'{MATRIX}[database]\nurl_file = "none"\n{rotating.replace("bot_token", "#")}')
    config = load(file, secrets=False)
    assert config.slack is not None
    assert config.slack.refresh_token is not None
    assert config.matrix is not None


def test_without_its_secrets_everything_else_must_be_right_all_the_same(tmp_path: Path) -> None:
    (tmp_path / "desk.toml").write_text('[slack]\ncommands = ["desk"]\n')
    with pytest.raises(ExceptionGroup) as refused:
        load(tmp_path / "desk.toml", secrets=False)
    assert "slack.commands: 'desk': expected a slash" in str(refused.value.exceptions[0])


def keys_of(model: type[BaseModel]) -> set[str]:
    return set(model.model_fields)


def shown() -> dict[str, Any]:
    """Read the example with every key in it switched on."""
    lines = EXAMPLE.read_text(encoding="utf-8").splitlines()
    on = [line.removeprefix("#") if line[:1] == "#" and line[1:2] not in (" ", "") else line
          for line in lines]  # fmt: skip
    return tomllib.loads("\n".join(on))


def test_the_example_is_a_configuration_as_it_stands(tmp_path: Path) -> None:
    config = read(tmp_path, EXAMPLE.read_text(encoding="utf-8"))
    assert config.model_dump() == Config().model_dump()


def test_what_is_made_without_a_file_does_not_read_the_environment(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("DESKSIDE_MATRIX__ACCESS_TOKEN", "syt_secret")
    monkeypatch.setenv("DESKSIDE_DESK__NAME", "Elsewhere")
    assert (Config().matrix, Config().desk.name) == (None, "Deskside")


def test_the_example_shows_every_section_and_no_other() -> None:
    assert set(shown()) == keys_of(Config)


@pytest.mark.parametrize("section", sorted(keys_of(Config) - {"rooms", "commands", *SERVICES}))
def test_the_example_shows_every_key_with_its_default(section: str) -> None:
    default = getattr(Config(), section)
    expected = default.model_dump(mode="json")
    secrets = {f"{key}_file" for name, key in SECRETS if name == section}
    found = {key: value for key, value in shown()[section].items() if key not in secrets}
    assert found == expected


def test_the_example_s_rules_are_ones_that_can_be_made() -> None:
    config = Config(commands=shown()["commands"])
    assert (len(config.commands), wrong_rules(config)) == (2, [])


@pytest.mark.parametrize(
    ("rule", "sentence"),
    [
        ('"ticket clam" = "lead"', "there is no such command; did you mean “ticket claim”?"),
        ('xyzzy = "lead"', "there is no such command"),
        ('announce = "employee"', "it is for agents already, and a rule can only ask for more"),
    ],
)
async def test_a_rule_that_cannot_be_made_stops_the_desk(
    tmp_path: Path, rule: str, sentence: str
) -> None:
    config = read(tmp_path, f"[commands]\n{rule}\n")
    with pytest.raises(ExceptionGroup) as refused:
        compose(config, [], SystemClock())
    [error] = refused.value.exceptions
    assert sentence in str(error)
    assert f"{error}." in (await check(config)).wrong


def test_the_example_shows_every_key_of_a_room() -> None:
    assert set().union(*shown()["rooms"]) == keys_of(RoomSettings)


@pytest.mark.parametrize("section", SERVICES)
def test_the_example_shows_every_key_of_a_service(section: str) -> None:
    found, settings = shown()[section], SERVICES[section]
    files = {f"{key}_file" for name, key in SECRETS if name == section}
    assert set(found) - files == keys_of(settings) - {"zone"}  # the desk's
    assert files <= set(found)
    for key, field in settings.model_fields.items():
        if key in found and not field.is_required() and field.default not in (None, (), ""):
            assert field.default == (tuple(found[key]) if key in LISTS else found[key]), key


def test_the_example_with_everything_switched_on_is_valid(tmp_path: Path) -> None:
    text = EXAMPLE.read_text(encoding="utf-8")
    on = "\n".join(
        line[1:] if line[:1] == "#" and line[1:2] not in (" ", "") and "_file" not in line else line
        for line in text.splitlines()
    )
    config = read(tmp_path, on)
    assert config.matrix is not None
    assert config.slack is not None
