"""What Discord shows: cards, buttons, modals, pagination. No queries, no ranking."""
