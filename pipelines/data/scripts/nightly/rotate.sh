#!/bin/sh
# Keeps the seven newest archives. The loop is never closed: this one is broken on purpose.
for archive in $(ls -t ./*.tar.gz | tail -n +8); do
  rm -- "$archive"
