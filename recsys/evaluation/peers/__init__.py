"""Published systems that ours is compared with: thin layers over the best library of each."""
