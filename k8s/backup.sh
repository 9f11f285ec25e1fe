#!/usr/bin/env bash
# backup.sh WORK DEST: the metadata and everything that it speaks of, as they are at one moment.
# ARBITER_METADATA names the database, as it does for runs; without it the metadata is a file in WORK.
# While it works the workspace is locked: runs, updates and pushes on this volume say so and end.
set -euo pipefail
work=${1:?WORK} dest=${2:?DEST}

exec 9>>"$work/.lock"
flock --nonblock 9 || { echo "$work is in use: wait for what runs in it to end." >&2; exit 1; }
mkdir -p "$dest"
if [ -n "${ARBITER_METADATA:-}" ]; then
  pg_dump --format=custom --no-owner --dbname="$ARBITER_METADATA" --file="$dest/metadata.dump"
fi
tar --create --file="$dest/work.tar" --directory="$work" --exclude=./.lock --exclude=./.turn --exclude=./.live .
