# How process 1 of a container starts. It becomes a shell whose executable nobody may read: so the
# kernel keeps its memory and its descriptors from the commands, which have the same user id. The
# relays that it starts are such copies, too.
#
# $1 the watchdog's script
d=/.sandbeam

# Says so as process 1 does: behind the secret that comes first.
refuse() { # REASON
  IFS= read -r line && IFS=' ' read -r secret line && echo "$secret fatal $1"
  exit 70
}

# Some shells count signals from elsewhere, and some copies do not run at all.
try_it() {
  { "$d/sh" -c 'kill -KILL $$'; } 2> /dev/null
  code=$?
  [ "$code" = 137 ]
}

missing=
for tool in cp chmod cat rm mkfifo dd sleep kill; do
  command -v "$tool" > /dev/null 2>&1 || missing="$missing $tool"
done
[ -z "$missing" ] || refuse "it has no$missing"
cat=$(command -v cat)
# A shell with cat built in has no file of that name, and is cat when it is called so.
case $cat in /*) ;; *) cat=/bin/sh ;; esac
cp /bin/sh "$d/sh" && cp "$cat" "$d/cat" && chmod 111 "$d/sh" "$d/cat" || exit 70
# gVisor runs nothing that it may not read.
try_it || { chmod 555 "$d/sh" "$d/cat" && try_it; } ||
  refuse "its /bin/sh says $code where a command was killed, and not 137"
# Not as an argument, which everybody sees.
export watchdog="$1"
exec "$d/sh" -c 'eval "$watchdog"' sandbeam
