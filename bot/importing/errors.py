"""Why a list cannot be read or fetched, for the person who brought it."""

from __future__ import annotations

from typing import Final


class RefusedError(Exception):
    """A list that is not taken; nothing of it was kept.

    Attributes:
        key: of the sentence, within the section `errors` of `bot/locales`; one of `KEYS`.
        params: what the sentence mentions.
    """

    def __init__(self, key: str, **params: str | int) -> None:
        mentioned = ", ".join(f"{name}={value!r}" for name, value in params.items())
        super().__init__(f"{key} ({mentioned})" if mentioned else key)
        self.key: Final = key
        self.params: Final = params


KEYS = frozenset(
    {
        "import_too_large",  # most: megabytes
        "import_too_many",  # most: lines
        "import_too_complex",
        "import_archive",
        "import_nested",
        "import_web_page",
        "import_spreadsheet",
        "import_unknown_file",
        "import_encoding",
        "import_xml",
        "import_dtd",
        "import_json",
        "import_csv",
        "import_no_columns",
        "import_manga",
        "import_empty",
        "import_newer_export",
        "import_download",
        "import_site_down",  # site
        "import_site_busy",  # site, count: minutes
        "import_site_changed",  # site
        "import_no_such_user",  # site, name
        "import_private",  # site, name
        "import_empty_site",  # site, name
        "import_bad_name",
        "import_no_client_id",
        "import_bad_client_id",
    }
)
"""Every key that this package raises, with the params it brings."""
