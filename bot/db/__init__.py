"""SQLAlchemy models, the engine and the repositories: the only place with SQL."""
