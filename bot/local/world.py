"""One simulated server with two people and the bot, and the page that shows it.

simcord stands in for Discord behind discord.py's two seams, REST calls and gateway events, so that
the client runs as it is. It is made for tests, whose clock stands still; here the clock runs.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections import deque
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

import discord
from simcord import Env, ResponseMessage, SetupError
from simcord._clock import Clock
from simcord.backend.cdn import CDN_BASE

from bot.local.menus import Menus
from bot.local.posters import StandInPictures, TrustingWorker, draw_avatar
from bot.services.errors import StartupError
from bot.ui.posters import poster_url

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Iterable

    from simcord import ChannelHandle, MemberActor, Preview
    from simcord.backend.models import Message

    from bot.settings import Settings
    from recsys.catalog import Anime

PEOPLE: Final = ("Aki", "Mio")
AVATAR: Final = "initial"  # stands for the hash that Discord gives an uploaded avatar

# The simulated server, its channel and its people take their ids from this moment, whatever else
# was made before: a person keeps their id, and so their ratings, from run to run and from version
# to version. Changing it, or the order in `_found_server`, loses sight of everybody's ratings.
FOUNDED: Final = datetime(2024, 4, 6, tzinfo=UTC)

# At every action the page is drawn anew with all messages: forty of them take a second.
SHOWN: Final = 10  # messages
_LOGGED: Final = 50  # of what went to and fro; simcord keeps it all, for tests to look at

WELCOME: Final = """\
## Welcome! I recommend anime.
Type `/` in the box below and choose a command, or start with these. The arrow beside it sends.
- `/similar title:stiens gate` finds anime like one you know. Choose from the suggestions; a typo \
is no matter.
- `/start` asks what you have seen, five cards of it, and ends with picks for you. `/rate` and \
`/import` tell me the same.
- `/recommend` gives picks for you, each with its reason.

You are **{first}**; choose **{second}** under “Viewing as” to see what somebody else sees. The \
posters are drawn stand-ins: the real ones need Discord."""


class RunningClock(Clock):
    """The time of day, plus what simcord skips; its own clock moves only when a test moves it.

    Cooldowns, the age of a message and the timeouts of views are as they are on Discord. While the
    world is founded it stands at `FOUNDED`.
    """

    def __init__(self) -> None:
        self._start = time.time()
        self._skipped = 0.0
        self._latest = 0.0
        self.standing: datetime | None = FOUNDED

    @property
    def elapsed(self) -> float:  # pyright: ignore[reportIncompatibleVariableOverride]
        """Seconds since the start; never backwards, even when the computer's clock is set back."""
        # time.time, not time.monotonic: simcord replaces that one by this very clock.
        self._latest = max(self._latest, time.time() - self._start + self._skipped)
        return self._latest

    def now(self) -> datetime:
        """The simulated moment, in UTC."""
        if self.standing is not None:
            return self.standing
        return datetime.fromtimestamp(self._start, UTC) + timedelta(seconds=self.elapsed)

    def advance(self, seconds: float) -> None:
        """Skip ahead."""
        self._skipped += seconds


class LiveEnv(Env):
    """simcord's world for a person instead of a test."""

    def __init__(self, client: discord.Client) -> None:
        sharded = isinstance(client, discord.AutoShardedClient)
        # An action may take as long as it takes on Discord before the page calls it stuck.
        super().__init__(client, shard_count=1 if sharded else None, settle_timeout=30.0)
        self.clock = RunningClock()
        backend = self.backend
        backend.clock = self.clock
        # Lists there, of which only the appending is needed.
        backend.transcript = deque(backend.transcript, _LOGGED)  # pyright: ignore[reportAttributeAccessIssue]
        backend.http_requests = deque(backend.http_requests, _LOGGED)  # pyright: ignore[reportAttributeAccessIssue]
        self.answered: Callable[[], None] = lambda: None
        self._menus = Menus()
        backend.subscribers.append(self._menus.hear)

    async def _settle_internal(self, **how: Any) -> None:  # noqa: ANN401 - simcord's own
        """Wait until the bot has answered, and let its menus show what it said."""
        try:
            await super()._settle_internal(**how)
        finally:
            channels = self.backend.messages.values()
            self._menus.renew(message for kept in channels for message in kept.values())
            self.answered()

    def _record_error(self, error: BaseException) -> None:
        """Keep no list of errors: it would grow, and each makes the page call the action failed.

        The bot has its own error path, which answers the person and writes the log.
        """

    def forget_old(self, channel_id: int) -> None:
        """Delete all but the newest messages of a channel, and what led to them."""
        backend = self.backend
        for message_id in sorted(backend.messages.get(channel_id, ()))[:-SHOWN]:
            backend.delete_message(channel_id, message_id)
        for interaction_id in tuple(backend.interactions)[: -2 * SHOWN]:
            del backend.interactions[interaction_id]


class World:
    """A running simulated server and its page."""

    def __init__(self, env: LiveEnv, preview: Preview, channel: ChannelHandle) -> None:
        self._env = env
        self._preview = preview
        self._channel = channel
        self._led_to: dict[int, int] = {}  # the newest message, by the person
        env.answered = self._lead
        self._lead()

    @property
    def url(self) -> str:
        """Address of the page. It holds a key: who has it can use the page."""
        return self._preview.url

    async def wait_closed(self) -> None:
        """Return when somebody ends the session in the page."""
        await self._preview.wait_closed()

    async def follow_channel(self) -> None:
        """Keep the newest messages in sight, also for pages that are opened or reloaded later."""
        newest = None
        while True:
            messages = self._env.backend.messages[self._channel.id]
            if messages and max(messages) != newest:
                # Refused while a person's action runs: then the next round does it.
                with contextlib.suppress(SetupError):
                    self._env.forget_old(self._channel.id)
                    if (shown := self._newest(self._preview.viewers[0].id)) is not None:
                        await self._preview.show(ResponseMessage(self._env, shown))
                    newest = max(messages)
            await asyncio.sleep(0.5)

    def _newest(self, person_id: int) -> Message | None:
        """The newest message that a person sees, private ones among them."""
        messages = self._env.backend.messages[self._channel.id].values()
        seen = (one for one in messages if one.visible_to(person_id))
        return max(seen, key=lambda one: one.id, default=None)

    def _lead(self) -> None:
        """Let each open page show an answer that came, whatever it showed before.

        A page of simcord's stays where it is unless it was at the very end, where it is no longer
        once the box for a command has grown.
        """
        for person in self._preview.viewers:
            newest = self._newest(person.id)
            if newest is None or self._led_to.get(person.id) == newest.id:
                continue
            self._led_to[person.id] = newest.id
            for page in self._preview._pages.values():  # noqa: SLF001 # pyright: ignore[reportPrivateUsage]
                if page.viewer.id == person.id:
                    page.target_id = page.window_end_id = newest.id


@asynccontextmanager
async def open_world(
    client: discord.Client, settings: Settings, catalog: Iterable[Anime]
) -> AsyncGenerator[World]:
    """Start the client in a simulated server and serve the page that shows it.

    Args:
        client: not started yet; it is closed at the end.
        settings: the port and the poster host are read.
        catalog: the anime whose posters may be shown.

    Raises:
        StartupError: the port is taken.
    """
    env = LiveEnv(client)
    env.backend.bot_user.name, env.backend.bot_user.avatar = "Osusume", AVATAR
    channel, people = _found_server(env)
    env.clock.standing = None
    async with AsyncExitStack() as stack:
        stack.push_async_callback(client.close)
        await env.start()
        stack.push_async_callback(env.shutdown)
        await _welcome(client, channel)
        preview = env.preview(channel, viewers=people, layout="channel", port=settings.local_port)
        _draw_pictures(preview, settings, catalog)
        try:
            await stack.enter_async_context(preview)
        except SetupError as error:
            if not isinstance(error.__cause__, OSError):
                raise
            message = (
                f"Port {settings.local_port} cannot be used: {error.__cause__.strerror}. "
                "Is another local bot running? End it, or choose another port with "
                "OSUSUME_LOCAL_PORT (0 takes any free one)."
            )
            raise StartupError(message) from None
        world = World(env, preview, channel)
        following = asyncio.create_task(world.follow_channel())
        stack.callback(following.cancel)
        yield world


def _found_server(env: Env) -> tuple[ChannelHandle, list[MemberActor]]:
    """Make the server, its people and its channel, in an order that must not change."""
    users = [env.create_user(name.lower(), global_name=name, avatar=AVATAR) for name in PEOPLE]
    guild = env.create_guild("Anime club", owner=users[0])
    channel = guild.create_text_channel("anime", topic="What shall we watch next?")
    people = [guild.add_member(user) for user in users]
    return channel, people


async def _welcome(client: discord.Client, channel: ChannelHandle) -> None:
    """Tell a newcomer what to type, in the bot's own name."""
    target = client.get_partial_messageable(channel.id)
    first, second = PEOPLE
    await target.send(WELCOME.format(first=first, second=second))


def _draw_pictures(preview: Preview, settings: Settings, catalog: Iterable[Anime]) -> None:
    """Put our two classes where the preview keeps its own; it has no public place for them."""
    anime_at = {url: anime for anime in catalog if (url := poster_url(anime, settings.poster_host))}
    avatars = {
        f"{CDN_BASE}/avatars/{user.id}/{AVATAR}.png": (f"{user.name}.png", draw_avatar(user.name))
        for user in preview.env.backend.users.values()
    }
    preview._explicit_assets = StandInPictures(anime_at, avatars)  # noqa: SLF001 # pyright: ignore[reportPrivateUsage]
    preview._media_worker = TrustingWorker()  # noqa: SLF001 # pyright: ignore[reportPrivateUsage]
