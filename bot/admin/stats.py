"""How much the bot is used, in numbers that are about nobody."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from bot.admin.opening import opened, url_of
from bot.admin.tool import megabytes
from bot.db.stats import counts

if TYPE_CHECKING:
    import argparse

    from bot.admin.tool import Speaker


async def show_stats(options: argparse.Namespace, out: Speaker) -> None:
    """Print the totals, and what came in the last days.

    Raises:
        CannotError: there is no database, or its tables are not those of this version.
        DatabaseError: the database cannot be read.
    """
    async with opened(url_of(options)) as database:
        found = await counts(database, datetime.now(UTC) - timedelta(days=options.days))
    out.say("", days=options.days, **found)
    span = f"{options.days} days"
    out.say(f"{found['people']:>12,}  people ({found['people_new']:,} new in {span})")
    out.say(f"{found['people_active']:>12,}  of them changed their list in {span}")
    out.say(
        f"{found['entries']:>12,}  entries ({found['entries_new']:,} new), {found['rated']:,} rated"
    )
    out.say(f"{found['lists_shown']:>12,}  lists shown ({found['lists_shown_new']:,} new)")
    out.say(f"{found['picks_acted_on']:>12,}  picks acted on")
    out.say(f"{found['servers_with_settings']:>12,}  servers with settings of their own")
    out.say(f"{megabytes(found['bytes']):>12}  in {database.where}")
