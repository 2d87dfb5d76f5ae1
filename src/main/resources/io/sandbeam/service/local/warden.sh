#!/bin/sh
# Ends sandboxes whose time is over when their owner cannot: it is stopped, starved or wedged, or it
# is dead and a command has found a way to hold the lease. One for each owner, outside the sandboxes.
#
# usage: warden.sh LEASES OWNER-PID OWNER-START
#
# LEASES is a directory of empty files named DEADLINE.PID.START: seconds of /proc/uptime, and process
# 1 of a sandbox by its pid and start time. START is field 22 of /proc/PID/stat.
set -u
leases=$1
owner=$2
owner_start=$3

# What is sent to the owner's process group is not for us.
trap '' HUP INT QUIT TERM TSTP

alive() { # PID START
  IFS= read -r line 2> /dev/null < "/proc/$1/stat" || return 1
  wanted=$2
  # After the name, which may hold blanks, the state is the 1st field and the start time the 20th.
  # shellcheck disable=SC2086 # split on purpose
  set -- ${line##*) }
  case $1 in [ZX]) return 1 ;; esac
  shift 19
  [ "$1" = "$wanted" ]
}

# Kills what is due; everything, when $1 is "all".
enforce() {
  IFS='. ' read -r now rest < /proc/uptime
  for lease in "$leases"/*.*.*; do
    name=${lease##*/}
    deadline=${name%%.*}
    process=${name#*.}
    case $deadline in *[!0-9]* | '') continue ;; esac
    if [ "$1" = all ] || [ "$now" -gt "$deadline" ]; then
      pid=${process%.*}
      if alive "$pid" "${process#*.}"; then kill -KILL "$pid"; fi
    fi
  done
}

while alive "$owner" "$owner_start"; do
  enforce due
  sleep 1
done
# The lease ends them; what is still there after that did not want to.
sleep 2
enforce all
