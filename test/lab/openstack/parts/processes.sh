# shellcheck shell=bash
# Daemons by pid file. A file holds "pid start-time fingerprint": with the start time a number that was given to another process since
# is never taken for ours, and with the fingerprint a daemon whose configuration changed is started anew.

start_time() { awk '{print $22}' "/proc/$1/stat" 2> /dev/null; }

# running NAME: whether the process of that name lives, its number in $pid.
running() {
  [ -s "$lab/run/$1.pid" ] || return 1
  local began
  read -r pid began fingerprint < "$lab/run/$1.pid"
  [ -n "$began" ] && [ "$(start_time "$pid")" = "$began" ]
}

# start NAME CONFIGURATION-FILE|- COMMAND...
start() {
  local name=$1 configuration=$2 wanted pid fingerprint
  shift 2
  wanted=$({ echo "$*"; if [ "$configuration" != - ]; then cat "$configuration"; fi; } | cksum | cut -d' ' -f1)
  if running "$name"; then
    [ "$fingerprint" = "$wanted" ] && return 0
    stop "$name"
  fi
  # Descriptor 9 is the lab's lock: a daemon that kept it would hold the lock for as long as it lives.
  setsid nohup "$@" >> "$lab/log/$name.log" 2>&1 < /dev/null 9>&- &
  pid=$!
  sleep 0.05
  echo "$pid $(start_time "$pid") $wanted" > "$lab/run/$name.pid"
}

# stop NAME...: asks all at once, waits up to 20 s (`patience` fifths of a second), then kills what is left. Each daemon leads a process group of its own.
stop() {
  local name pid fingerprint turn left
  for name; do running "$name" && kill -TERM -- "-$pid" 2> /dev/null; done
  for ((turn = 0; turn < ${patience:-100}; turn++)); do
    left=
    for name; do running "$name" && left=1; done
    [ -z "$left" ] && break
    sleep 0.2
  done
  for name; do
    running "$name" && kill -KILL -- "-$pid" 2> /dev/null
    rm -f "$lab/run/$name.pid"
  done
}

# wait_for NAME SECONDS COMMAND...: until the command succeeds. A daemon that died is said at once, with the end of its log.
wait_for() {
  local name=$1 limit=$2 began=$SECONDS pid fingerprint
  shift 2
  until "$@" > /dev/null 2>&1; do
    if [ -s "$lab/run/$name.pid" ] && ! running "$name"; then
      tail -15 "$lab/log/$name.log" >&2
      die "$name DIED; its log is $lab/log/$name.log"
    fi
    if ((SECONDS - began > limit)); then
      [ -f "$lab/log/$name.log" ] && tail -15 "$lab/log/$name.log" >&2
      die "$name did not answer within $limit s; logs are in $lab/log"
    fi
    sleep 0.2
  done
}

# Any answer will do: that a service refuses is its tests' affair.
answers() { curl -s -o /dev/null -m 20 --noproxy '*' "http://127.0.0.1:$1/"; }

# wsgi NAME PORT CONFIGURATION-FILE APPLICATION-FILE ARGUMENTS-FOR-THE-APPLICATION [VARIABLE=VALUE...]
# uWSGI with one thread a process and without eventlet: Neutron's own eventlet server now and then loses a request on Python 3.11, and its
# client waits for ever. Without "Connection: close" and post-buffering, clients that keep connections get them reset.
wsgi() {
  local name=$1 port=$2 configuration=$3 application=$4 arguments=$5
  shift 5
  start "$name" "$configuration" env "$@" /usr/bin/uwsgi --plugins python3 --http-socket "127.0.0.1:$port" --wsgi-file "$application" \
    --master --processes "$workers" --lazy-apps --need-app --enable-threads --thunder-lock --buffer-size 65535 --listen 100 \
    --add-header 'Connection: close' --post-buffering 65536 --die-on-term --no-orphans --disable-logging \
    --procname-prefix-spaced "$name" ${arguments:+--pyargv "$arguments"}
}

# once NAME COMMAND...: what is to be done to a lab a single time.
once() {
  local mark=$lab/done/$1
  shift
  [ -e "$mark" ] && return 0
  "$@" && touch "$mark"
}
