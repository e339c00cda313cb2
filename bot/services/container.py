"""Everything the bot offers, opened and closed as one."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING, NamedTuple, Self

from bot import memory
from bot.db import Database, DatabaseError
from bot.importing.sites import Sites
from bot.observing.meter import Meter, PrometheusMeter
from bot.picking import PickProcesses
from bot.services import labels
from bot.services.aliases import AliasService
from bot.services.bundles import BundleWatch, chosen_bundle, name_cache_folder
from bot.services.errors import StartupError, UserError
from bot.services.fairness import Turnstile
from bot.services.guilds import GuildService
from bot.services.hints import HintService
from bot.services.imports import ImportService
from bot.services.missed import MissedTitles
from bot.services.pages import PageService
from bot.services.picks import PickService
from bot.services.preferences import ALONE, SHARED, PreferenceService
from bot.services.privacy import Presence, PrivacyService, Retention
from bot.services.profiles import Profiles
from bot.services.ratings import RatingService
from bot.services.start import StartService
from bot.services.titles import TitleService
from bot.services.upkeep import TitleUpkeep
from bot.services.watchlist import WatchlistService

if TYPE_CHECKING:
    from bot.settings import Settings
    from recsys.catalog import Catalog
    from recsys.recommender import Recommender
    from recsys.titles import TitleIndex


class Engine(NamedTuple):
    """What `recsys` brings: read-only, the same for everybody."""

    catalog: Catalog
    titles: TitleIndex
    recommender: Recommender


class Services:
    """The use cases, ready.

    Attributes:
        settings: what the admin chose.
        catalog: the facts about every anime.
        titles: from typed text to an anime.
        aliases: names that an admin added.
        upkeep: takes those into use.
        missed: titles that nothing was found for.
        ratings: people's lists.
        picks: recommendations, and what came of them.
        pick_processes: where those are worked out, if not here.
        pages: lists of them, page by page.
        hints: more like this, less like this, and reasons switched off.
        start: the cards of the first minute.
        watchlist: what people plan to watch.
        guilds: settings of servers.
        preferences: settings of people.
        imports: lists that people bring.
        privacy: what is kept of people, and taking it away.
        presence: notes the day on which a person was last seen.
        retention: removes who has left.
        bundles: takes another bundle into use.
        turnstile: lets work in, or says to wait.
        meter: what is counted and timed.
        database: for maintenance; commands never need it.
    """

    def __init__(self, settings: Settings, engine: Engine, database: Database) -> None:
        profiles = Profiles(database)
        self.settings = settings
        self.catalog = engine.catalog
        self.database = database
        self.meter = Meter() if settings.health_port is None else _prometheus()
        database.meter = self.meter
        self.meter.model(engine.recommender.model_name, engine.recommender.model_version)
        self.turnstile = Turnstile()
        self.titles = TitleService(engine.catalog, engine.titles)
        self.aliases = AliasService(database, engine.catalog)
        self.upkeep = TitleUpkeep(self.aliases, engine.catalog, self.titles)
        self.missed = MissedTitles(database)
        self.ratings = RatingService(database, engine.catalog, profiles)
        self.pick_processes = pick_processes(settings, engine)
        self.picks = PickService(database, engine.recommender, profiles, self.pick_processes)
        self.bundles = BundleWatch(settings, engine.catalog, self._use)
        self.pages = PageService(database, self.picks, profiles)
        self.hints = HintService(database, engine.catalog)
        self.start = StartService(database, engine.recommender, profiles)
        self.watchlist = WatchlistService(engine.recommender, profiles)
        self.guilds = GuildService(database)
        others = bool(settings.shard_ids)  # processes, for the other shards
        self.preferences = PreferenceService(database, SHARED if others else ALONE)
        client_id = settings.mal_client_id
        self.imports = ImportService(
            database,
            engine.catalog,
            self.titles,
            Sites(None if client_id is None else client_id.get_secret_value()),
        )
        self.privacy = PrivacyService(database, engine.catalog)
        self.presence = Presence(database)
        self.privacy.forgetters += [
            profiles.forget,
            self.picks.forget,
            self.preferences.forget,
            self.presence.forget,
        ]
        self.retention = Retention(database, self.privacy, settings.retention_days)
        self._jobs: list[asyncio.Task[None]] = []

    @classmethod
    async def open(cls, settings: Settings) -> Self:
        """Load the catalog and the weights while the database is opened and brought up to date.

        Raises:
            StartupError: one of them cannot be used; the message says which and what to do.
        """
        engine, database = await asyncio.gather(
            asyncio.to_thread(load_engine, settings),
            Database.open(settings.database_url),
            return_exceptions=True,
        )
        if isinstance(engine, Engine) and isinstance(database, Database):
            try:
                services = cls(settings, engine, database)
            except StartupError:
                await database.close()
                raise
            await services._begin()
            return services
        if isinstance(database, Database):
            await database.close()
        errors = [error for error in (engine, database) if isinstance(error, BaseException)]
        for error in errors:
            if not isinstance(error, StartupError | DatabaseError):
                raise error
        # All that is wrong at once, so that an admin mends it in one go.
        raise StartupError("\n".join(map(str, errors))) from errors[0]

    async def _begin(self) -> None:
        with suppress(UserError):  # which is in the log, and is tried again
            await self.upkeep.refresh()
        with suppress(UserError):
            await self.imports.resume()
        # Counting the labels of 19,000 anime would hold up whoever types the first genre.
        for names in (labels.genres, labels.studios):
            await asyncio.to_thread(names, self.catalog)
        # A full collection over the catalog takes some 80 ms, in which nobody would be answered.
        await asyncio.to_thread(memory.set_aside, collect=False)
        collector = memory.QuietCollector(lambda: self.turnstile.under_way)
        jobs = (
            *(self.upkeep, self.presence, self.retention, self.bundles, self.pick_processes),
            collector,
        )
        self._jobs += [asyncio.create_task(job.watch()) for job in jobs]

    def _use(self, recommender: Recommender) -> None:
        """Let another recommender answer from the next request on."""
        self.picks.use(recommender)
        self.start.use(recommender)
        self.watchlist.use(recommender)
        self.meter.model(recommender.model_name, recommender.model_version)

    async def close(self) -> None:
        """Stop working and give the database's connections back."""
        try:
            await self.imports.close()
            for job in self._jobs:
                job.cancel()
            if self._jobs:
                await asyncio.wait(self._jobs)
                memory.take_back()
            with suppress(UserError):  # which is in the log
                await self.presence.write()
        finally:
            self.picks.close()
            await self.database.close()


def load_engine(settings: Settings) -> Engine:
    """Load the catalog, its titles and the weights, by default those that ship with the bot.

    Raises:
        StartupError: the catalog or the bundle cannot be used.
    """
    # Imported here, in the worker thread: the database is opened meanwhile.
    from recsys.bundle import BundleError
    from recsys.catalog import Catalog, CatalogError
    from recsys.recommender import Recommender
    from recsys.titles import TitleIndex

    name_cache_folder(settings)
    try:
        catalog = Catalog.load()
        bundle = chosen_bundle(settings)
        return Engine(catalog, TitleIndex(catalog), Recommender.load(bundle, catalog))
    except (BundleError, CatalogError) as error:
        raise StartupError(str(error)) from error


def pick_processes(settings: Settings, engine: Engine) -> PickProcesses:
    """The processes that work out picks, as many as the settings want; not running yet."""
    from recsys.shared_file import FOLDER_VARIABLE

    folder = settings.cache_dir
    return PickProcesses(
        settings.pick_processes,
        lambda: chosen_bundle(settings),
        engine.catalog,
        engine.recommender.model_version,
        {} if folder is None else {FOLDER_VARIABLE: str(folder)},
    )


def _prometheus() -> Meter:
    try:
        return PrometheusMeter()
    except ModuleNotFoundError:
        message = (
            "OSUSUME_HEALTH_PORT needs the Python package prometheus_client, which is not "
            "installed: pip install prometheus_client."
        )
        raise StartupError(message) from None
