"""A public split that others have published on: our code beside their figures."""
