#!/usr/bin/env bash
# restore.sh DEST WORK: what backup.sh left. WORK must be the path that it was, since the metadata names files
# by their paths, and must not be there; the database that ARBITER_METADATA names must be there, and empty.
set -euo pipefail
from=${1:?DEST} work=${2:?WORK}

[ ! -e "$work" ] || { echo "$work is there: move it away first." >&2; exit 1; }
if [ -n "${ARBITER_METADATA:-}" ]; then
  pg_restore --no-owner --exit-on-error --dbname="$ARBITER_METADATA" "$from/metadata.dump"
fi
mkdir -p "$work"
tar --extract --preserve-permissions --file="$from/work.tar" --directory="$work"
