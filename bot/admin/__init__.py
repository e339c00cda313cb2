"""What the scripts for admins do; the scripts themselves are command lines over this."""
