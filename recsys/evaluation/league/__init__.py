"""The league table: every system, tuned alike, measured on people whom none of them has seen."""
