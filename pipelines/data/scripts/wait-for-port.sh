#!/bin/sh
# Waits until a port answers, for at most a minute.
port=${1:?usage: wait-for-port.sh PORT}
tries=60
until nc -z 127.0.0.1 "$port"; do
  tries=$((tries - 1))
  [ "$tries" -gt 0 ] || exit 1
  sleep 1
done
