"""Knows anime, ratings and numbers; knows nothing of Discord or of the database."""
