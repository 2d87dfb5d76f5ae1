# How process 1 of a container starts. It becomes a shell whose executable nobody may read: so the
# kernel keeps its memory and its descriptors from the commands, which have the same user id. The
# relays that it starts are such copies, too.
#
# $1 the watchdog's script
d=/.sandbeam
cat=$(command -v cat)
# A shell with cat built in has no file of that name, and is cat when it is called so.
case $cat in /*) ;; *) cat=/bin/sh ;; esac
cp /bin/sh "$d/sh" && cp "$cat" "$d/cat" && chmod 111 "$d/sh" "$d/cat" || exit 70
# gVisor runs nothing that it may not read.
"$d/sh" -c : 2> /dev/null || chmod 555 "$d/sh" "$d/cat" || exit 70
# Not as an argument, which everybody sees.
export watchdog="$1"
exec "$d/sh" -c 'eval "$watchdog"' sandbeam
