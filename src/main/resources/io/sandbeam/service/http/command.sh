# Runs one command in the sandbox: its directory, its input, its time limit.
# $1 id of this run  $2 directory or ''  $3 file with the input or ''  $4 seconds  $5 mark  then the command
run=$1 dir=$2 in=$3 limit=$4 mark=$5
shift 5
if [ -n "$dir" ]; then
  cd -- "$dir" 2>/dev/null || { printf 'cannot start in %s: no such directory, or no access\n' "$dir" >&2; exit 126; }
fi
if [ -n "$in" ]; then
  exec <"$in" || exit 126
  rm -f -- "$in"
else
  exec </dev/null
fi
# What every process of this command can be found by.
SANDBEAM_EXEC=$run
export SANDBEAM_EXEC
# The server keeps the time, kills what is to be killed, and says how it ended.
if [ -n "${SANDBEAM_TIME_KEPT:-}" ]; then
  unset SANDBEAM_TIME_KEPT run dir in limit mark
  exec "$@"
fi
unset SANDBEAM_EXEC
oom_kills() {
  for f in /sys/fs/cgroup/memory.events /sys/fs/cgroup/memory/memory.oom_control; do
    while read -r name count; do
      [ "$name" = oom_kill ] && echo "$count"
    done <"$f"
  done 2>/dev/null
}
before=$(oom_kills)
exec 3<&0
(
  SANDBEAM_EXEC=$run
  export SANDBEAM_EXEC
  exec "$@" <&3 3<&-
) &
command=$!
(
  exec </dev/null >/dev/null 2>&1 3<&-
  # $! is the sleep as soon as there is one, and KILL reaches it also before it has become one:
  # there is no moment in which it could stay behind.
  trap '[ "$!" = "$command" ] || kill -KILL "$!"; exit' TERM
  sleep "$limit" &
  # A sleep that knows no fractions ends at once with an error.
  wait "$!" || { sleep "${limit%.*}" & wait "$!"; }
  trap '' TERM
  echo TIMED_OUT >"$mark"
  again=1
  while [ "$again" -le 20 ]; do
    alive=
    for p in /proc/[0-9]*; do
      if grep -qs "SANDBEAM_EXEC=$run" "$p/environ"; then
        kill -KILL "${p#/proc/}" && alive=1
      fi
    done
    [ -n "$alive" ] || break
    again=$((again + 1))
  done
  kill -KILL "$command"
) &
watch=$!
exec 3<&- </dev/null
wait "$command" 2>/dev/null
code=$?
kill -TERM "$watch" 2>/dev/null
wait "$watch" 2>/dev/null
if [ -e "$mark" ]; then
  exit 137
fi
if [ "$code" -eq 137 ] && [ "$(oom_kills)" != "$before" ]; then
  echo OUT_OF_MEMORY >"$mark"
fi
exit "$code"
