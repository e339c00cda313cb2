"""The Discord bot: people on the outside, the recommender inside."""
