# Process 1 of a container. When it ends, the kernel ends every other process in here.
#
# Standard input is the lease and the control channel: the stream that the owner is attached by. Its
# end means that the owner is gone: TERM, a grace of about two seconds, and out. Lines, one empty one or
# more before each:
#
#   SECRET SECONDS              the first one: how reports are known, and how long this may live
#   b SIZE NAME                 SIZE bytes follow: into $d/NAME
#   x N SLOT HOW TOKEN CODE     run CODE, one line that ends with an exec; N is never used twice. In
#                               HOW: f, with fresh pipes; b, beside others, so its report need not
#                               count; - where nothing is to be said
#   u N TOKEN SIZE              SIZE bytes follow: a tar archive, unpacked into /workspace
#   t SLOT                      from now on pass on what the commands of SLOT write, and nothing else
#   d SLOT                      the pipes of SLOT are not needed any more
#   k N SLOT all                kill every process; right when nothing but N runs in here
#   k N SLOT tree               kill the descendants of N and the processes that carry its marker
#   c N SLOT                    has the reporter of N been killed? Then report in its place. Has N not
#                               begun? Then say so
#   l SLOT                      have its relays been killed? "c" asks that, too
#   n N SLOT...                   count the processes that belong to none of the SLOTs
#   p N                         answer, when all before is done
#   s                           TERM to everything, out when everything is gone
#   q                           out
#
# What a command writes goes into two pipes of its slot, which have no name, and from there through
# two relays to our standard output and standard error, as it is. TOKEN behind it marks its end. The
# slot that has the turn is the only one whose relays are not stopped: so raw bytes of many commands
# share one stream. Reports come on standard output between the bytes, each in one write and behind
# the SECRET that no command can know:
#
#   ready                 commands can run
#   exit N CODE ALL WAS OOM
#                         N ended. ALL other processes are alive, if they were counted. WAS had been killed for memory when
#                         it began, and OOM have been now
#   loose N COUNT         the answer to "n"
#   pong N                the answer to "p"
#   lost SLOT             the relays of SLOT have been killed
#   missed N              the line of N has not come
#   fatal REASON          the image cannot carry this
#   turn SLOT             on both streams: what follows is of SLOT
#   leaving               the engine ends this by a TERM: what ends from now on, ends by that
#
# Variables of the image's environment keep their values: ours have names that begin with s_.
# shellcheck disable=SC2015,SC2030,SC2031,SC2034,SC2086,SC2154,SC2317 # evals and fields by position
set -u
# A shell takes over what the image's SHELLOPTS says.
set +aCefvx
s_d=/.sandbeam
s_nl='
'
s_cur=0
s_slots=0
s_rep_0=0
s_ro_0=0
s_re_0=0
s_oom=0
s_listed=
s_ending=
# A command may send these to everything, and to us.
s_signals='HUP INT QUIT ALRM USR1 USR2 TERM'
s_bash=
shopt > /dev/null 2>&1 && s_bash=1

# A variable that the image's environment has would be passed on to commands.
unset s_secret
IFS= read -r s_line && IFS=' ' read -r s_secret s_life || exit 0

die() { # REASON
  echo "$s_secret fatal $1"
  exit 70
}

# Sets the fields of one process that we need: its name in stat may hold blanks and parentheses.
stat_of() {
  s_state=X
  s_parent=0
  IFS= read -r s_line 2> /dev/null < "/proc/$1/stat" || return 1
  set -- ${s_line##*") "}
  s_state=${1:-X}
  s_parent=${2:-0}
  case ${7:-x} in *[!0-9]*) return 0 ;; esac
  # It is exiting, and all but a zombie.
  [ $(($7 & 4)) = 0 ] || s_state=X
}

# Lists the live processes other than those of $s_known, the timer's, and the caller's: $s_found. Keeps
# whose children all are, since reading that again takes long.
look() {
  for s_pid in $s_listed; do
    unset "s_of_$s_pid"
  done
  s_found=
  s_listed=
  for s_entry in /proc/[0-9]*; do
    s_pid=${s_entry#/proc/}
    case $s_known in *" $s_pid "*) continue ;; esac
    stat_of "$s_pid" || continue
    eval "s_of_$s_pid=$s_parent"
    s_listed="$s_listed $s_pid"
    case $s_state in [ZX]) continue ;; esac
    [ "$s_parent" = "$s_timer" ] || s_found="$s_found $s_pid"
  done
}

# The ancestor below process 1, or the one of $s_known: $s_head.
climb() { # PID
  s_head=$1
  while eval "s_parent=\${s_of_$s_head:-0}" && [ "$s_parent" -gt 1 ] 2> /dev/null; do
    s_head=$s_parent
  done
}

# Processes of ours whose end is near: on a busy machine they are there for a while, and nobody's
# leftovers.
ends() { # PID...
  s_still=
  for s_pid in $s_ending "$@"; do
    [ "$s_pid" = 0 ] || ! stat_of "$s_pid" || [ "$s_state" = Z ] || s_still="$s_still $s_pid"
  done
  s_ending=$s_still
}

know() { # SLOT...
  s_known=" 1 $s_timer $s_ro_0 $s_re_0 $s_ending "
  for s_slot; do
    eval "s_known=\"\$s_known\${s_rep_$s_slot:-0} \${s_ro_$s_slot:-0} \${s_re_$s_slot:-0} \""
  done
}

count() {
  s_all=0
  set -- $s_found
  s_all=$#
}

ooms() {
  for s_file in /sys/fs/cgroup/memory.events /sys/fs/cgroup/memory/memory.oom_control; do
    [ -r "$s_file" ] || continue
    while IFS=' ' read -r s_key s_value; do
      [ "$s_key" != oom_kill ] || s_oom=$s_value
    done < "$s_file"
  done
}

# Kills before N are not its own, whoever was killed then, and whether that was ever told.
begin() { # SLOT
  ooms
  eval "s_was_$1=$s_oom"
}

report() { # N CODE SLOT HOW
  s_all=0
  # Hundreds that each walk through all processes would take the machine from the rest.
  case $4 in *b*) ;; *) look && count ;; esac
  eval "s_was=\${s_was_$3:-0}"
  ooms
  echo "$s_secret exit $1 $2 $s_all $s_was $s_oom"
}

# Two pipes on 5 and 6, and the relays that empty them. What a command sends to everything must not
# silence them.
relays() { # SLOT
  mkfifo "$s_d/o" "$s_d/e" && exec 5<> "$s_d/o" 6<> "$s_d/e" && rm "$s_d/o" "$s_d/e" ||
    die 'it has no mkfifo, or its memory is used up'
  (trap '' $s_signals && exec "$s_d/cat") <&5 2> /dev/null 3>&- 4>&- 5>&- 6>&- &
  eval "s_ro_$1=$!"
  (trap '' $s_signals && exec "$s_d/cat") <&6 >&2 2> /dev/null 3>&- 4>&- 5>&- 6>&- &
  eval "s_re_$1=$!"
  [ "$1" = "$s_cur" ] || halt "$1"
}

# Stops the relays of a slot, and waits until they have stopped.
halt() { # SLOT
  eval "s_pids=\"\${s_ro_$1:-0} \${s_re_$1:-0}\""
  for s_pid in $s_pids; do
    [ "$s_pid" = 0 ] && continue
    # Again and again: gVisor forgets a STOP that comes while a program is being loaded.
    while kill -STOP "$s_pid" 2> /dev/null && stat_of "$s_pid"; do
      case $s_state in [TZX]) break ;; esac
    done
  done
}

drop() { # SLOT
  eval "s_pids=\"\${s_ro_$1:-0} \${s_re_$1:-0}\""
  for s_pid in $s_pids; do
    [ "$s_pid" = 0 ] || kill -KILL "$s_pid" 2> /dev/null
  done
  ends $s_pids
  eval "s_ro_$1=0 s_re_$1=0"
}

turn() { # SLOT
  halt "$s_cur"
  s_cur=$1
  echo "$s_secret turn $1"
  echo "$s_secret turn $1" >&2
  eval "s_pids=\"\${s_ro_$1:-0} \${s_re_$1:-0}\""
  for s_pid in $s_pids; do
    [ "$s_pid" = 0 ] || kill -CONT "$s_pid" 2> /dev/null
  done
}

# The code of commands of our own: files in and out. Messages of the tools are read by us.
get_file() { # PATH MOST
  export LC_ALL=C
  [ ! -d "$1" ] || exit 41
  # Opening a pipe without a writer would wait.
  [ ! -e "$1" ] || [ -f "$1" ] || exit 42
  exec head -c "$2" < "$1"
}

# Writes beside the file and renames, so that nobody ever sees half of it.
put_file() { # PATH NAME
  export LC_ALL=C
  umask 022
  [ ! -d "$1" ] || exit 41
  if [ -e "$1" ]; then
    [ -f "$1" ] || exit 42
    [ -w "$1" ] || exit 43
  fi
  mkdir -p -- "${1%/*}/" || exit 1
  if cat > "$1.$2.partial" && mv -f -- "$1.$2.partial" "$1"; then exit 0; fi
  rm -f -- "$1.$2.partial"
  exit 1
}

# What is in a folder, and not the folder: that may belong to somebody else where it is unpacked.
archive() { # FOLDER
  export LC_ALL=C
  cd "$1" || exit 1
  set --
  for s_file in * .[!.]* ..?*; do
    if [ -e "$s_file" ] || [ -L "$s_file" ]; then set -- "$@" "./$s_file"; fi
  done
  # An archive of nothing, which not every tar makes.
  [ "$#" -gt 0 ] || exec head -c 10240 /dev/zero
  exec tar -cf - "$@"
}

# Runs a command, whose pipes are on 3 and 4, and reports its end.
reporter() { # N SLOT TOKEN CODE HOW
  # These must not silence the report; the command gets their default actions back.
  trap : $s_signals
  # What the shell says about a signalled command goes nowhere.
  exec 2> /dev/null
  # Better one of the command's processes than one of ours.
  echo 700 > /proc/self/oom_score_adj
  (eval "$4") >&3 2>&4 3>&- 4>&-
  s_code=$?
  printf %s "$3" >&3
  printf %s "$3" >&4
  IFS=' ' read -r s_self s_rest < /proc/self/stat
  know
  s_known="$s_known$s_self "
  report "$1" "$s_code" "$2" "$5"
}

# Tells its id, and ends its parent.
detach() {
  IFS=' ' read -r s_self s_rest s_rest s_parent s_rest < /proc/self/stat
  echo "$s_self"
  exec >&7 7>&-
  kill -KILL "$s_parent"
}

start() { # N SLOT TOKEN CODE HOW
  begin "$2"
  eval "ends \"\${s_rep_$2:-0}\""
  if [ -n "$s_bash" ]; then
    (reporter "$@") < /dev/null 5>&- 6>&- &
    s_pid=$!
  else
    # In the background it, and so the command, would ignore INT and QUIT for good.
    { s_pid=$( (detach && reporter "$@") < /dev/null 5>&- 6>&- || :); } 7>&1 2> /dev/null
  fi
  eval "s_rep_$2=${s_pid:-0}"
  case " $s_slots " in *" $2 "*) ;; *) s_slots="$s_slots $2" ;; esac
}

execute() { # N SLOT HOW TOKEN CODE
  eval "s_n_$2=$1"
  if [ "$2" = 0 ]; then
    case $3 in
      *f*)
        drop 0
        relays 0
        exec 3<&5 4<&6 5>&- 6>&-
        turn 0
        ;;
    esac
    start "$1" 0 "$4" "$5" "$3"
  else
    relays "$2"
    start "$1" "$2" "$4" "$5" "$3" 3<&5 4<&6
    exec 5>&- 6>&-
  fi
}

blocks() { # SIZE COUNT
  (trap '' $s_signals && exec dd bs="$1" count="$2" iflag=fullblock) 2> /dev/null
}

# Copies so many bytes of our standard input into a file, and not one more. A signal may come
# meanwhile, and what its trap says must not land in the file: so only dd writes there.
take() { # SIZE FILE
  : > "$2" || return
  [ "$1" -lt 65536 ] || blocks 65536 $(($1 / 65536)) >> "$2" || return
  [ $(($1 % 65536)) = 0 ] || blocks $(($1 % 65536)) 1 >> "$2"
}

pour() { # SIZE
  [ "$1" -lt 65536 ] || blocks 65536 $(($1 / 65536)) || return
  [ $(($1 % 65536)) = 0 ] || blocks $(($1 % 65536)) 1
}

unpack() { # N TOKEN SIZE
  s_n_0=$1
  begin 0
  pour "$3" | tar -C /workspace -xpf - > /dev/null 2>&4
  s_code=$?
  printf %s "$2" >&3
  printf %s "$2" >&4
  know
  report "$1" "$s_code" 0 -
}

# Nothing but N runs: what is not ours, dies. Stopped first, nothing can fork away from us.
kill_all() { # SLOT
  know "$1"
  kill -STOP -1
  s_round=0
  look
  while [ -n "$s_found" ] && [ "$s_round" -lt 500 ]; do
    s_round=$((s_round + 1))
    for s_pid in $s_found; do
      kill -KILL "$s_pid" 2> /dev/null
    done
    look
  done
  # All go on, and so must only be those whose turn it is.
  [ "$1" = "$s_cur" ] || turn "$1"
  kill -CONT -1
}

# The descendants of the reporter of N, and of those that are nobody's what carries its marker.
kill_tree() { # N SLOT
  eval "s_top=\${s_rep_$2:-0}"
  # A command may have stopped it, and would then end without a report.
  [ "$s_top" = 0 ] || kill -CONT "$s_top" 2> /dev/null
  know $s_slots
  look
  s_hit=
  for s_pid in $s_found; do
    climb "$s_pid"
    s_doomed=
    if [ "$s_head" = "$s_top" ]; then
      s_doomed=1
    else
      # Reading an environment takes long: not for what is another command's.
      case $s_known in *" $s_head "*) continue ;; esac
      [ -r "/proc/$s_pid/environ" ] || continue
      while IFS= read -r s_line || [ -n "$s_line" ]; do
        case $s_line in *"SANDBEAM_EXEC=$1."*) s_doomed=1 && break ;; esac
      done 2> /dev/null < "/proc/$s_pid/environ"
    fi
    if [ -n "$s_doomed" ]; then
      s_hit=1
      kill -KILL "$s_pid" 2> /dev/null
    fi
  done
  [ -n "$s_hit" ]
}

loose() { # N SLOT...
  s_n=$1
  shift
  know "$@"
  look
  s_all=0
  for s_pid in $s_found; do
    climb "$s_pid"
    case $s_known in *" $s_head "*) ;; *) s_all=$((s_all + 1)) ;; esac
  done
  echo "$s_secret loose $s_n $s_all"
}

check() { # N SLOT
  eval "s_pid=\${s_rep_$2:-0} s_began=\${s_n_$2:-0}"
  if [ "$s_began" = "$1" ]; then
    if ! stat_of "$s_pid" || [ "$s_state" = Z ]; then
      know
      report "$1" 137 "$2" -
    elif [ "$s_state" = T ]; then
      kill -CONT "$s_pid" 2> /dev/null
    fi
    listen "$2"
  else
    # It has no relays that could be lost.
    echo "$s_secret missed $1"
  fi
  # Whoever can kill the reporter can kill the timer, too.
  if ! stat_of "$s_timer" || [ "$s_state" = Z ] || [ "$s_parent" != 1 ]; then
    limit
  elif [ "$s_state" = T ]; then
    kill -CONT "$s_timer" 2> /dev/null
  fi
}

listen() { # SLOT
  eval "s_pids=\"\${s_ro_$1:-0} \${s_re_$1:-0}\""
  for s_pid in $s_pids; do
    if ! stat_of "$s_pid" || [ "$s_state" = Z ]; then
      echo "$s_secret lost $1"
      return
    elif [ "$s_state" = T ] && [ "$1" = "$s_cur" ]; then
      kill -CONT "$s_pid" 2> /dev/null
    fi
  done
}

# Reaps who ends: children of ours, and all whose parents are gone. Bash does so by itself, and crashes
# when thousands end while it runs such a trap.
reap() {
  [ -n "$s_bash" ] || trap 's_woken=1; jobs > /dev/null 2>&1' CHLD
}

# Takes the first word off $s_line.
word() {
  s_word=${s_line%% *}
  case $s_line in
    *' '*) s_line=${s_line#* } ;;
    *) s_line= ;;
  esac
}

# Waits for an empty line and reads the one behind it. Some shells lose what they have read when a signal
# interrupts them: so one may only where nothing has been read yet. Whatever was lost all the same, the
# next line that is not empty is one of ours, or the rest of one, which says nothing.
await() {
  s_line=
  while [ -z "$s_line" ]; do
    s_woken=
    jobs > /dev/null 2>&1
    if IFS= read -r s_line; then
      [ -z "$s_line" ] || break
      trap - CHLD
      s_line=
      while [ -z "$s_line" ]; do
        # What came of a line before its end is none.
        IFS= read -r s_line || { s_line= && break; }
      done
      reap
      [ -n "$s_line" ] || [ -n "$s_woken" ] || return 1
    else
      [ -n "$s_woken" ] || return 1
      s_line=
    fi
  done
  word && s_op=$s_word
  word && s_a=$s_word
  word && s_b=$s_word
  word && s_c=$s_word
  word && s_token=$s_word
  s_code=$s_line
}

# The time since the machine's start, in seconds, and the hundredths of the next one.
now() {
  s_now=0
  s_part=00
  IFS=' .' read -r s_now s_part s_rest 2> /dev/null < /proc/uptime
}

# Ends this container when its time is over.
limit() {
  now
  s_left=$((s_end - s_now))
  (
    # Nothing that is sent to everything ends the time limit, but a KILL.
    trap '' $s_signals
    # A command may end each sleep that there is.
    while [ "$s_left" -gt 0 ]; do
      sleep "$s_left"
      now
      [ "$s_now" = 0 ] && s_left=0 || s_left=$((s_end - s_now))
    done
    kill -USR1 1
    # A command may not listen, and we may be waiting for one.
    sleep 3
    kill -KILL -1
  ) < /dev/null > /dev/null 2>&1 3>&- 4>&- 5>&- 6>&- &
  s_timer=$!
}

# A command may say so, too.
over() {
  now
  [ "$s_now" != 0 ] && [ "$s_now" -lt "$s_end" ] || stop 2
}

stop() { # SECONDS
  trap '' TERM
  now
  # Behind a 1, for 08 is no number. By the clock, since a round takes gVisor very long.
  s_until=$((s_now * 100 + 1$s_part + $1 * 100))
  kill -TERM -1 2> /dev/null
  # The relays of a slot that has no turn are stopped, and would not hear it.
  kill -CONT -1 2> /dev/null
  s_round=0
  while [ $((s_now * 100 + 1$s_part)) -lt "$s_until" ]; do
    jobs > /dev/null 2>&1
    know $s_slots
    look
    [ -n "$s_found" ] || break
    s_round=$((s_round + 1))
    # The first rounds only yield: most are gone at once.
    [ "$s_round" -le 20 ] || sleep 0.02 2> /dev/null || sleep 1
    now
  done
  exit 0
}

# shellcheck disable=SC3045
ulimit -c 0 2> /dev/null
unset OLDPWD watchdog
: "${LANG:=C.UTF-8}"
export LANG
now
s_end=$((s_now + s_life))
limit
# Some shells end by these, even as process 1.
trap 's_woken=1' HUP INT QUIT ALRM USR2
trap 's_woken=1; over' USR1
# Whoever sends this has a grace of his own, and a KILL behind it.
trap 'echo "$s_secret leaving"; stop 86400' TERM
relays 0
exec 3<&5 4<&6 5>&- 6>&-

echo "$s_secret ready"
reap
while await; do
  case $s_op in
    x) [ -z "$s_code" ] || execute "$s_a" "$s_b" "$s_c" "$s_token" "$s_code" ;;
    b) take "$s_a" "$s_d/$s_b" || die 'its dd knows no iflag=fullblock, or its memory is used up' ;;
    u) unpack "$s_a" "$s_b" "$s_c" ;;
    t) [ "$s_a" = "$s_cur" ] || turn "$s_a" ;;
    d)
      drop "$s_a"
      eval "ends \"\${s_rep_$s_a:-0}\"; s_rep_$s_a=0"
      [ "$s_a" != "$s_cur" ] || s_cur=none
      ;;
    k)
      if [ "$s_c" = all ]; then
        kill_all "$s_b"
      else
        s_pass=0
        while kill_tree "$s_a" "$s_b" && [ "$s_pass" -lt 20 ]; do
          s_pass=$((s_pass + 1))
        done
      fi
      ;;
    n) loose "$s_a" $s_b $s_c $s_token $s_code ;;
    p) echo "$s_secret pong $s_a" ;;
    c) check "$s_a" "$s_b" ;;
    l) listen "$s_a" ;;
    s) stop 86400 ;;
    q) exit 0 ;;
  esac
done
stop 2
