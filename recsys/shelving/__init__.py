"""Makes the catalog: reads four packages, joins them, and tells which anime belong together.

Runs offline, by `python -m recsys catalog`; what it makes, `recsys.catalog` reads.
"""
