"""Tests of bot below Discord: settings, services, database."""
