#!/bin/sh
# Runs a script for admins as the systemd unit runs the bot: as its user, in its folder, where its
# .env and its database are. Installed as /usr/local/bin/osusume:
#   sudo osusume backup
set -eu
if [ $# -eq 0 ] || [ ! -f "/opt/osusume/scripts/$1.py" ]; then
    echo "Name a script, as in: sudo osusume doctor. There are:" >&2
    for file in /opt/osusume/scripts/[a-z]*.py; do basename "$file" .py; done >&2
    exit 2
fi
script=$1
shift
cd /var/lib/osusume
export XDG_CACHE_HOME=/var/cache/osusume
exec runuser -u osusume -- /opt/osusume/.venv/bin/python "/opt/osusume/scripts/$script.py" "$@"
