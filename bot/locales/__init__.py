"""The strings a person reads, one file a language."""
