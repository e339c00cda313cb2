"""Bundles on the shelf: list, verify, add, activate, roll back. A running bot follows by itself."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

from bot.admin.opening import settings_of
from bot.admin.tool import NOT_DONE, CannotError, megabytes, table
from recsys.bundle import Bundle, BundleError, shipped_version
from recsys.models import registry
from recsys.shelf import Shelf

if TYPE_CHECKING:
    import argparse
    from pathlib import Path

    from bot.admin.tool import Speaker
    from bot.settings import Settings

_FOLLOWS = "A running bot follows within ten seconds; nothing needs a restart."


async def manage_models(options: argparse.Namespace, out: Speaker) -> int | None:
    """Do what the command line says.

    Returns:
        1 where ``verify`` finds a damaged bundle.

    Raises:
        CannotError: it cannot be done; nothing was changed.
    """
    settings = settings_of(options)
    shelf = Shelf(settings.bundle_shelf)
    try:
        match options.command:
            case "list":
                return _list(shelf, settings, out)
            case "verify":
                return _verify(shelf, options, out)
            case "add":
                _add(shelf, options, out)
            case "activate":
                _activate(shelf, options, out)
            case _:
                _roll_back(shelf, options, out)
    except BundleError as error:
        raise CannotError(str(error)) from None
    except OSError as error:
        message = f"The shelf {shelf.path} cannot be written: {error.strerror}."
        raise CannotError(message) from None
    if settings.bundle_path is not None:
        out.say(
            f"But OSUSUME_BUNDLE_PATH is set, and wins: {settings.bundle_path} answers until it "
            "is emptied.",
            overridden_by=settings.bundle_path,
        )
    return None


def _list(shelf: Shelf, settings: Settings, out: Speaker) -> int | None:
    found = shelf.bundles()
    shipped = shipped_version()
    out.say(shelf=shelf.path, shipped=shipped, active=shelf.active)
    out.say(bundles=[asdict(one) for one in found])
    rows = [("", "NAME", "MODEL", "SIZE", "STATE")]
    by_default = shelf.active is None and settings.bundle_path is None
    rows.append(("*" if by_default else "", "(shipped)", "", "", shipped or "missing"))
    for one in found:
        active = one.active and settings.bundle_path is None
        state = one.trouble or "whole"
        rows.append(("*" if active else "", one.name, one.model, megabytes(one.size), state))
    out.say(table(rows))
    if settings.bundle_path is not None:
        return _say_path(settings.bundle_path, out)
    return NOT_DONE if any(one.trouble and one.active for one in found) else None


def _say_path(path: Path, out: Speaker) -> int | None:
    """The bundle that a setting names, whatever the shelf says."""
    try:
        bundle = _usable(path)
    except BundleError as error:
        out.say(f"* OSUSUME_BUNDLE_PATH: {error}", overridden_by=path, trouble=str(error))
        return NOT_DONE
    what = f"{bundle.model} {bundle.version}"
    out.say(f"* {path}, by OSUSUME_BUNDLE_PATH: {what}", overridden_by=path, version=bundle.version)
    return None


def _verify(shelf: Shelf, options: argparse.Namespace, out: Speaker) -> int | None:
    places = options.bundle or [None, *(shelf.path / one.name for one in shelf.bundles())]
    bad: list[str] = []
    for place in places:
        try:
            bundle = _usable(place)
        except BundleError as error:
            bad.append(str(error))
            out.say(str(error))
        else:
            out.say(f"{place or 'The bundle that ships'} is whole: {bundle.model} {bundle.version}")
    out.say(damaged=bad)
    return NOT_DONE if bad else None


def _add(shelf: Shelf, options: argparse.Namespace, out: Speaker) -> None:
    bundle = _usable(options.bundle)
    if options.dry_run:
        out.say(f"Would add {bundle.model} {bundle.version}.", would_add=bundle.version)
        return
    name = shelf.add(options.bundle)
    out.say(f"{bundle.model} {name} is on the shelf.", added=name)
    if options.activate:
        shelf.activate(name)
        out.say(f"{name} is active. {_FOLLOWS}", active=name)
    else:
        out.say(f"To use it: python scripts/model.py activate {name}")


def _usable(path: Path | None) -> Bundle:
    """A bundle that this version can answer with: whole, and of a model that it knows.

    Raises:
        BundleError: it is neither; the bot would not start with it.
    """
    bundle = Bundle.load(path)
    registry.load(bundle)
    return bundle


def _activate(shelf: Shelf, options: argparse.Namespace, out: Speaker) -> None:
    if any(one.name == options.name for one in shelf.bundles()):
        _usable(shelf.path / options.name)  # a name that is none is refused with those there are
    if options.dry_run:
        Bundle.load(shelf.path / options.name)
        out.say(f"Would activate {options.name}.", would_activate=options.name)
        return
    shelf.activate(options.name)
    out.say(f"{options.name} is active. {_FOLLOWS}", active=options.name)


def _roll_back(shelf: Shelf, options: argparse.Namespace, out: Speaker) -> None:
    if options.dry_run:
        out.say(f"Would leave {shelf.active or 'the shipped bundle'}.", would_leave=shelf.active)
        return
    name = shelf.roll_back()
    out.say(f"{name or 'The bundle that ships'} answers again. {_FOLLOWS}", active=name)
