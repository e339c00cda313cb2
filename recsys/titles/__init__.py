"""A typed string → ranked anime, in a fraction of a millisecond.

`TitleIndex` is the door; the other modules are its parts: `fold` makes spellings equal, `which`
reads season and year, `names` lays out the keys, `grams` shortlists misspellings, `acronyms` makes
short names by rule and `nicknames.tsv` lists those that no rule makes.
"""

from recsys.titles.index import Match, Resolution, TitleIndex

__all__ = ["Match", "Resolution", "TitleIndex"]
