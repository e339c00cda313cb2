"""A simulated server with two people and the real bot, and what a test asks of its messages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from simcord import InteractionResult
from simcord import interactions as wire

from bot.client import Osusume, build_client
from bot.commands.attachments import from_memory
from bot.db import Database
from bot.services.container import Engine, Services
from bot.ui.action import state_of
from tests.discord.limits import BUTTON, SELECT, TEXT, THUMBNAIL, walk

if TYPE_CHECKING:
    from simcord import ChannelHandle, Env, MemberActor
    from simcord.results import ResponseMessage

    from bot.services.shown import StoredList
    from bot.settings import Settings

    Answer = InteractionResult | ResponseMessage

# Anime of the shipped catalog that the tests name.
STEINS_GATE, FULLMETAL, MONSTER, DEATH_NOTE, FRIEREN = 9253, 5114, 19, 1535, 52991

SLASH, COMPONENT = 2, 3  # interaction types
STRING, INTEGER = 3, 4  # option types


async def open_services(settings: Settings, engine: Engine) -> Services:
    """What `Services.open` does, with a catalog and weights that are already loaded."""
    return Services(settings, engine, await Database.open(settings.database_url))


class World:
    """A server, its channel, and two people. Use it as a fixture, never by hand."""

    def __init__(self, env: Env, client: Osusume, engine: Engine) -> None:
        self.env = env
        self.client = client
        self._engine = engine
        self.guild = env.create_guild("Anime club")
        self.channel: ChannelHandle = self.guild.create_text_channel("recommendations")
        self.aki: MemberActor = self.guild.add_member(env.create_user("aki"))
        self.mio: MemberActor = self.guild.add_member(env.create_user("mio"))
        # How many errors the bot is to log in this test; any more or fewer fails it.
        self.expected_errors = 0

    @property
    def services(self) -> Services:
        return self.client.services

    async def run(self, command: str, **options: Any) -> InteractionResult:
        """Aki runs a slash command."""
        return await self.aki.slash(self.channel, command, **options)

    async def suggestions(self, command: str, option: str, typed: str) -> list[dict[str, Any]]:
        """What Aki is offered while typing."""
        return await self.aki.autocomplete(self.channel, command, option, typed)

    async def tap(
        self, answer: Answer, label: str, nth: int = 0, *, by: MemberActor | None = None
    ) -> InteractionResult:
        """Aki, or somebody else, taps the nth button with a label."""
        message = shown(answer)
        custom_id = custom_ids(message, label)[nth]
        return await (by or self.aki).click(message, custom_id=custom_id)

    async def choose(
        self, answer: Answer, value: str, nth: int = 0, *, by: MemberActor | None = None
    ) -> InteractionResult:
        """Aki, or somebody else, chooses a value in the nth menu."""
        message = shown(answer)
        menus = [c for c in walk(message.components) if c["type"] == SELECT]
        return await (by or self.aki).select(message, [value], custom_id=menus[nth]["custom_id"])

    async def stored(self, answer: Answer) -> StoredList:
        """The list of picks whose page is shown, as the database has it."""
        states = (state_of(c.get("custom_id", "")) for c in walk(shown(answer).components))
        list_id = next(state["list_id"] for state in states if state.get("list_id"))
        found = await self.services.picks.list(list_id)
        assert found is not None
        return found

    def unsure_title(self) -> str:
        """Something to type that may mean several anime."""
        words = (word for anime in self.services.catalog for word in anime.title.split()[:1])
        for word in words:
            found = self.services.titles.resolve(f"the {word} thing")
            if found.anime is None and len(found.guesses) > 1:
                return f"the {word} thing"
        message = "no title is unsure"
        raise AssertionError(message)

    async def rate_some(self) -> None:
        """Aki rates three anime."""
        for anime_id, score in ((FULLMETAL, 10), (STEINS_GATE, 9), (DEATH_NOTE, 8)):
            await self.services.ratings.rate(self.aki.id, anime_id, score)

    async def scores(self, who: MemberActor | None = None) -> dict[int, int | None]:
        """What somebody's list holds, read from the database."""
        profile = await self.services.ratings.profile((who or self.aki).id)
        return {entry.anime_id: entry.score for entry in profile.entries}

    async def restart(self) -> None:
        """Stop the bot and start another one over the same database."""
        settings = self.client.settings
        await self.services.close()
        self.client = build_client(settings, await open_services(settings, self._engine))
        self.client.read_attachment = from_memory
        await self.env.restart_bot(self.client)

    async def raw_slash(
        self, command: str, *options: tuple[str, int, Any], **changes: Any
    ) -> InteractionResult:
        """A slash command as the gateway brings it, with values that no Discord client would send.

        Args:
            command: its name.
            options: name, type and value of each.
            changes: fields of the interaction to replace.
        """
        registered = self.env.backend.find_command(command, self.guild.id, type=1)
        given = [{"name": name, "type": kind, "value": value} for name, kind, value in options]
        data = {"id": registered["id"], "name": command, "type": 1, "options": given}
        return await self._dispatch(SLASH, data, changes)

    async def raw_tap(self, answer: Answer, custom_id: str) -> InteractionResult:
        """A tap on a button that says what no button of ours says."""
        message = self.env.backend.get_message(self.channel.id, shown(answer).id)
        button = next(c for c in walk(message.components) if c["type"] == BUTTON)
        button["custom_id"] = custom_id
        return await self.aki.click(shown(answer), custom_id=custom_id)

    async def raw_tap_of(self, answer: Answer, custom_id: str, **changes: Any) -> InteractionResult:
        """A tap by Aki whose interaction differs from what the simulated Discord would send."""
        message = self.env.backend.get_message(self.channel.id, shown(answer).id)
        extra = {"message": wire.serializers.message_payload(self.env.backend, message)}
        data = {"custom_id": custom_id, "component_type": BUTTON}
        result = self._emit(COMPONENT, data, extra | changes, message.id)
        await self.env.settle()
        return result

    async def raw_choice(
        self, answer: Answer, custom_id: str, *values: str, menu: int = SELECT
    ) -> InteractionResult:
        """Aki chooses in a menu of a message that may not even be Aki's."""
        message = self.env.backend.get_message(self.channel.id, shown(answer).id)
        data = {"custom_id": custom_id, "component_type": menu, "values": list(values)}
        extra = {"message": wire.serializers.message_payload(self.env.backend, message)}
        result = self._emit(COMPONENT, data, extra, message.id)
        await self.env.settle()
        return result

    async def tap_twice(self, answer: Answer, custom_id: str) -> list[InteractionResult]:
        """Two taps that arrive before the bot has looked at either."""
        message = self.env.backend.get_message(self.channel.id, shown(answer).id)
        data = {"custom_id": custom_id, "component_type": BUTTON}
        extra = {"message": wire.serializers.message_payload(self.env.backend, message)}
        taps = [self._emit(COMPONENT, data, extra, message.id) for _ in range(2)]
        await self.env.settle()
        return taps

    async def _dispatch(
        self, kind: int, data: dict[str, Any], changes: dict[str, Any]
    ) -> InteractionResult:
        result = self._emit(kind, data, changes, None)
        await self.env.settle()
        return result

    def _emit(
        self, kind: int, data: dict[str, Any], changes: dict[str, Any], source: int | None
    ) -> InteractionResult:
        record, payload = wire.base_payload(
            self.env.backend,
            type=kind,
            channel_id=self.channel.id,
            guild_id=self.guild.id,
            user_id=self.aki.id,
            data=data,
        )
        record.source_message_id = source
        payload.update(changes)
        self.env.backend.emit("INTERACTION_CREATE", payload)
        return InteractionResult(self.env, record)


def shown(answer: Answer) -> ResponseMessage:
    """The one message that an interaction led to."""
    if not isinstance(answer, InteractionResult):
        return answer
    found = [message for message in (answer.response, *answer.followups) if message is not None]
    assert len(found) == 1, f"{len(found)} messages instead of one"
    return found[0]


def text(answer: Answer) -> str:
    """Everything there is to read in an answer, buttons aside."""
    message = shown(answer)
    parts = [c["content"] for c in walk(message.components) if c["type"] == TEXT]
    return "\n".join([message.content, *parts]).strip()


def buttons(answer: Answer) -> list[dict[str, Any]]:
    """The buttons of an answer."""
    return [c for c in walk(shown(answer).components) if c["type"] == BUTTON]


def labels(answer: Answer) -> list[str]:
    """What the buttons of an answer say."""
    return [button["label"] for button in buttons(answer)]


def custom_ids(answer: Answer, label: str) -> list[str]:
    """The custom_ids of the buttons with a label."""
    return [button["custom_id"] for button in buttons(answer) if button["label"] == label]


def posters(answer: Answer) -> list[str]:
    """The addresses of the pictures of an answer."""
    found = (c for c in walk(shown(answer).components) if c["type"] == THUMBNAIL)
    return [picture["media"]["url"] for picture in found]
