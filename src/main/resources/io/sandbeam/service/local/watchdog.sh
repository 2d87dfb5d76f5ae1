#!/bin/sh
# Process 1 of a sandbox. When it ends, the kernel ends every other process in here.
#
# usage: watchdog.sh SANDBOX-ID MAX-PROCESSES MAX-ADDRESS-SPACE-KIB
#
# SANDBOX-ID only marks this process in the host's process table. A limit of 0 is no limit.
#
# Standard input is the lease and the control channel. Its end means that the owner is gone: TERM,
# a grace of about two seconds, and out. Lines:
#
#   exec N SLOT        run $dir/N.c, which redirects its streams and ends with an exec
#   kill N SLOT all    kill every process; right when nothing but N runs in here
#   kill N SLOT tree   kill the descendants of N and the processes that carry its marker
#   check N SLOT       has the reporter of N been killed? Then report in its place, else say so
#   stop               TERM to everything, out when everything is gone; the owner ends the grace
#
# N is never used twice. SLOT is a small number that no other running command has: it names a
# variable, and variables must not pile up.
#
# Standard output carries the reports, one line each:
#
#   ready                 the sandbox can take commands
#   exit N CODE ALL LOOSE N ended. ALL other processes are alive; LOOSE of them belong to no command
#   runs N                after "check N": its reporter lives
#   killed N LEFT         after "kill N all": LEFT processes could not be killed
#
# This shell runs from an executable without read permission, so the kernel keeps its memory and its
# descriptors from the commands, which have the same user id.
set -u
dir=/.sandbeam
nproc=$2
address_space=$3
reporter=0

others() {
  # The builtin "jobs" reaps; signal 0 to -1 asks for any process but this one and process 1.
  jobs > /dev/null 2>&1
  kill -0 -1 2> /dev/null
}

# Waits until no other process is left, for at most $1 rounds of 20 ms.
drain() {
  round=0
  while others && [ "$round" -lt "$1" ]; do
    round=$((round + 1))
    # The first rounds only yield: what was killed is usually gone at once.
    [ "$round" -le 20 ] || sleep 0.02 2> /dev/null || sleep 1
  done
}

# Sets the fields of one process that we need: its name in stat may hold blanks and parentheses.
stat_of() {
  pstate=X
  pparent=0
  IFS= read -r line 2> /dev/null < "/proc/$1/stat" || return 1
  # shellcheck disable=SC2086 # split on purpose
  set -- ${line##*) }
  pstate=$1
  pparent=$2
  # It is exiting, and all but a zombie.
  [ $(($7 & 4)) = 0 ] || pstate=X
}

# Counts live processes other than process 1 and the caller ($1): all of them, and those that no
# reporter (a fork of process 1, so of the same command line) started.
count() {
  all=0
  loose=0
  tops=
  reporters=" $1 "
  mine=
  IFS= read -r mine 2> /dev/null < /proc/1/cmdline
  for entry in /proc/[0-9]*; do
    pid=${entry#/proc/}
    if [ "$pid" = 1 ] || [ "$pid" = "$1" ] || ! stat_of "$pid"; then continue; fi
    case $pstate in [ZX]) continue ;; esac
    words=
    IFS= read -r words 2> /dev/null < "$entry/cmdline"
    # It may have ended in the middle of being read: what then remains is read again.
    case $mine in "$words"?*) words= && IFS= read -r words 2> /dev/null < "$entry/cmdline" ;; esac
    if [ -z "$words" ]; then
      # It has ended meanwhile, or is in the middle of an exec, and alive.
      ! stat_of "$pid" || case $pstate in [ZX]) ;; *) words=- ;; esac
      [ -n "$words" ] || continue
    fi
    if [ "$words" = "$mine" ] && [ "$pparent" = 1 ]; then
      reporters="$reporters$pid "
    else
      all=$((all + 1))
      # Climb to the ancestor below process 1.
      top=$pid
      parent=$pparent
      while [ "$parent" -gt 1 ] 2> /dev/null; do
        top=$parent
        stat_of "$top" || break
        parent=$pparent
      done
      tops="$tops $top"
    fi
  done
  for top in $tops; do
    case $reporters in *" $top "*) ;; *) loose=$((loose + 1)) ;; esac
  done
}

report() { # N CODE
  all=0
  loose=0
  if others; then
    IFS=' ' read -r self rest < /proc/self/stat
    count "$self"
  fi
  echo "exit $1 $2 $all $loose"
}

start() { # N SLOT
  (
    # A TERM to everything must not silence the report; the command gets its default action back.
    trap : TERM
    # What the shell says about a signalled command goes nowhere.
    exec 2> /dev/null
    (
      # shellcheck disable=SC1090 # written by the owner for this command
      . "$dir/$1.c"
    )
    report "$1" "$?"
  ) < /dev/null &
  eval "reporter_$2=$!"
}

# Kills the descendants of the reporter of N, and what carries its marker.
kill_tree() { # N REPORTER
  found=
  for entry in /proc/[0-9]*; do
    pid=${entry#/proc/}
    if [ "$pid" = 1 ] || [ "$pid" = "$2" ] || ! stat_of "$pid"; then continue; fi
    case $pstate in [ZX]) continue ;; esac
    hit=
    parent=$pparent
    while [ "$parent" -gt 1 ] 2> /dev/null; do
      [ "$parent" != "$2" ] || { hit=1 && break; }
      stat_of "$parent" || break
      parent=$pparent
    done
    if [ -z "$hit" ] && [ -r "$entry/environ" ]; then
      while IFS= read -r line || [ -n "$line" ]; do
        case $line in *"SANDBEAM_EXEC=$1."*) hit=1 && break ;; esac
      done 2> /dev/null < "$entry/environ"
    fi
    if [ -n "$hit" ]; then
      found=1
      kill -KILL "$pid" 2> /dev/null
    fi
  done
  [ -n "$found" ]
}

stop() {
  trap '' TERM
  kill -TERM -1 2> /dev/null
  drain "$1"
  exit 0
}

# shellcheck disable=SC3045
ulimit -c 0 2> /dev/null
# shellcheck disable=SC3045
[ "$address_space" = 0 ] || ulimit -v "$address_space"
# dash says -p where other shells say -u.
# shellcheck disable=SC3045
[ "$nproc" = 0 ] || ulimit -u "$nproc" 2> /dev/null || ulimit -p "$nproc"
trap 'stop 15000' TERM

echo ready
while IFS=' ' read -r op n slot how; do
  jobs > /dev/null 2>&1
  case $op in
    exec) start "$n" "$slot" ;;
    kill)
      eval "reporter=\${reporter_$slot:-0}"
      if [ "$how" = all ]; then
        kill -KILL -1 2> /dev/null
        drain 200
        all=0
        ! others || count 1
        echo "killed $n $all"
      else
        pass=0
        while kill_tree "$n" "$reporter" && [ "$pass" -lt 20 ]; do
          pass=$((pass + 1))
        done
      fi
      ;;
    check)
      eval "reporter=\${reporter_$slot:-0}"
      if ! stat_of "$reporter" || [ "$pstate" = Z ]; then
        report "$n" 137
      else
        echo "runs $n"
      fi
      ;;
    stop) stop 15000 ;;
  esac
done
stop 120
