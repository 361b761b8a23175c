#!/bin/sh
# A throw-away ejabberd on 127.0.0.1 with websockets and rooms; all it keeps is in DIR. Erlang is started without a node name: then there is
# no port for other nodes, and no epmd.
#
#   ejabberd.sh start DIR DOMAIN C2S_PORT WS_PORT    returns when it answers
#   ejabberd.sh stop DIR
#
# From the environment: XMPP_USERS ("name:password ...").
set -eu

stop() {
    [ -s "$1/ejabberd.pid" ] || return 0
    pid=$(cat "$1/ejabberd.pid")
    kill "$pid" 2>/dev/null || true
    tries=0
    while kill -0 "$pid" 2>/dev/null && [ $tries -lt 200 ]; do
        sleep 0.05
        tries=$((tries + 1))
    done
    kill -9 "$pid" 2>/dev/null || true
    rm -f "$1/ejabberd.pid"
}

configuration() {
    cat >"$dir/ejabberd.yml" <<YML
loglevel: warning
hosts: [ $domain ]
auth_method: internal
auth_password_format: scram
listen:
  - { port: $c2s, ip: "127.0.0.1", module: ejabberd_c2s, max_stanza_size: 262144 }
  - { port: $ws, ip: "127.0.0.1", module: ejabberd_http, request_handlers: { /ws: ejabberd_http_ws, /api: mod_http_api } }
acl: { here: { ip: [ 127.0.0.0/8 ] } }
access_rules: { local: { allow: all }, c2s: { allow: all } }
api_permissions: { loopback: { who: { acl: here }, what: "*" } }
modules:
  mod_admin_extra: {}
  mod_carboncopy: {}
  mod_disco: {}
  mod_http_api: {}
  mod_mam: { default: always }
  mod_muc: { host: "rooms.@HOST@", access_create: [ allow ], default_room_options: { mam: true, public: true } }
  mod_offline: {}
  mod_ping: {}
  mod_roster: {}
  mod_stream_mgmt: { resume_timeout: 60 }
YML
}

run() {
    export HOME="$dir" ERL_CRASH_DUMP_BYTES=0 ERL_LIBS="/usr/lib/$(uname -m)-linux-gnu"
    export EJABBERD_CONFIG_PATH="$dir/ejabberd.yml" EJABBERD_LOG_PATH="$dir/ejabberd.log" EJABBERD_PID_PATH="$dir/beam.pid"
    cd "$dir"
    erl -noinput +sbwt none +A 4 -mnesia dir "\"$dir/spool\"" -s ejabberd >"$dir/ejabberd.out" 2>&1 </dev/null &
    pid=$!
    echo $pid >"$dir/ejabberd.pid"
    tries=0
    until curl -s -o /dev/null --noproxy '*' --max-time 2 -f -X POST -d '{}' "http://127.0.0.1:$ws/api/status"; do
        tries=$((tries + 1))
        if [ $tries -gt 300 ] || ! kill -0 $pid 2>/dev/null; then
            echo 'ejabberd did not start:' >&2
            cat "$dir/ejabberd.out" "$dir/ejabberd.log" >&2
            kill -9 $pid 2>/dev/null || true
            exit 1
        fi
        sleep 0.1
    done
}

accounts() {
    for user in ${XMPP_USERS:-}; do
        curl -s -f -o /dev/null --noproxy '*' --max-time 5 -X POST "http://127.0.0.1:$ws/api/register" \
            -d "{\"user\":\"${user%%:*}\",\"host\":\"$domain\",\"password\":\"${user#*:}\"}"
    done
}

case ${1:-} in
start)
    mkdir -p "$2/spool"
    dir=$(cd "$2" && pwd)
    domain=$3 c2s=$4 ws=$5
    configuration
    run
    accounts
    ;;
stop) stop "$2" ;;
*)
    echo 'usage: ejabberd.sh start DIR DOMAIN C2S_PORT WS_PORT | stop DIR' >&2
    exit 2
    ;;
esac
