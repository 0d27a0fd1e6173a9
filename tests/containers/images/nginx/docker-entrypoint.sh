#!/bin/sh
# As the official image's: every script of /docker-entrypoint.d, then the command.
set -e
for script in /docker-entrypoint.d/*.sh; do
  "$script"
done
exec "$@"
