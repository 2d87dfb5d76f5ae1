#!/bin/sh
# Packs a folder into a dated archive.
set -eu
folder=${1:?usage: backup.sh FOLDER}
tar -czf "$(basename "$folder")-$(date +%Y%m%d).tar.gz" -- "$folder"
