#!/bin/sh
# A throw-away Prosody on 127.0.0.1 with websockets (ws and wss), rooms, and a host-meta document; all it keeps is in DIR.
#
#   prosody.sh start DIR DOMAIN C2S_PORT WS_PORT WSS_PORT    returns when it answers; DIR/ca.crt is its authority
#   prosody.sh stop DIR
#
# From the environment: XMPP_USERS ("name:password ..."), XMPP_HASH (SHA-1 or SHA-256: which SCRAM it offers).
set -eu

stop() {
    [ -s "$1/prosody.pid" ] || return 0
    pid=$(cat "$1/prosody.pid")
    kill "$pid" 2>/dev/null || true
    tries=0
    while kill -0 "$pid" 2>/dev/null && [ $tries -lt 100 ]; do
        sleep 0.05
        tries=$((tries + 1))
    done
    kill -9 "$pid" 2>/dev/null || true
    rm -f "$1/prosody.pid"
}

certificates() {
    [ ! -s "$dir/server.crt" ] || return 0
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj '/CN=Test authority' \
        -addext 'basicConstraints=critical,CA:TRUE' -addext 'keyUsage=critical,keyCertSign' \
        -keyout "$dir/ca.key" -out "$dir/ca.crt" 2>/dev/null
    openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj "/CN=$domain" \
        -keyout "$dir/server.key" -out "$dir/server.csr" 2>/dev/null
    printf 'subjectAltName=DNS:%s,DNS:rooms.%s\n' "$domain" "$domain" >"$dir/san.ext"
    openssl x509 -req -in "$dir/server.csr" -CA "$dir/ca.crt" -CAkey "$dir/ca.key" -CAcreateserial -days 2 \
        -extfile "$dir/san.ext" -out "$dir/server.crt" 2>/dev/null
}

configuration() {
    root=false
    [ "$(id -u)" != 0 ] || root=true
    mkdir -p "$dir/data" "$dir/www/.well-known"
    cat >"$dir/www/.well-known/host-meta.json" <<JSON
{"links":[{"rel":"urn:xmpp:alt-connections:websocket","href":"wss://$domain:$wss/xmpp-websocket"}]}
JSON
    # Prosody's pattern for this file wants an empty first line and a blank at the end.
    printf '\napplication/json json \n' >"$dir/mime.types"
    cat >"$dir/prosody.cfg.lua" <<LUA
run_as_root = $root
data_path = "$dir/data"
pidfile = "$dir/prosody.pid"
interfaces = { "127.0.0.1" }
http_interfaces = { "127.0.0.1" }
https_interfaces = { "127.0.0.1" }
c2s_ports = { $c2s }
c2s_direct_tls_ports = {}
http_ports = { $ws }
https_ports = { $wss }
certificates = "$dir"
https_ssl = { certificate = "$dir/server.crt"; key = "$dir/server.key" }
c2s_require_encryption = false
allow_unencrypted_plain_auth = true
http_default_host = "$domain"
authentication = "internal_hashed"
password_hash = "${XMPP_HASH:-SHA-1}"
storage = "internal"
admins = { "alice@$domain" }
log = { { levels = { min = "info" }; to = "file"; filename = "$dir/prosody.log" } }
modules_enabled = {
    "roster"; "saslauth"; "tls"; "disco"; "ping"; "presence"; "message"; "iq"; "pep"; "private"; "bookmarks";
    "carbons"; "mam"; "smacks"; "websocket"; "posix";
}
modules_disabled = { "s2s" }

VirtualHost "$domain"
    ssl = { certificate = "$dir/server.crt"; key = "$dir/server.key" }
    modules_enabled = { "http_files" }
    http_files_dir = "$dir/www"
    http_paths = { files = "/" }
    mime_types_file = "$dir/mime.types"

Component "rooms.$domain" "muc"
    modules_enabled = { "muc_mam" }
    restrict_room_creation = false
    muc_room_locking = false
    muc_room_default_persistent = true
    muc_room_default_history_length = 20
LUA
}

accounts() {
    for user in ${XMPP_USERS:-}; do
        prosodyctl --config "$dir/prosody.cfg.lua" register "${user%%:*}" "$domain" "${user#*:}" >/dev/null
    done
}

run() {
    : >"$dir/prosody.log"
    prosody --config "$dir/prosody.cfg.lua" --no-daemonize >"$dir/prosody.out" 2>&1 </dev/null &
    pid=$!
    tries=0
    until curl -s -o /dev/null --noproxy '*' --max-time 1 "http://127.0.0.1:$ws/xmpp-websocket"; do
        tries=$((tries + 1))
        if [ $tries -gt 200 ] || ! kill -0 $pid 2>/dev/null; then
            echo 'Prosody did not start:' >&2
            cat "$dir/prosody.out" "$dir/prosody.log" >&2
            kill -9 $pid 2>/dev/null || true
            exit 1
        fi
        sleep 0.05
    done
    [ -s "$dir/prosody.pid" ] || echo $pid >"$dir/prosody.pid"
}

case ${1:-} in
start)
    mkdir -p "$2"
    dir=$(cd "$2" && pwd)
    domain=$3 c2s=$4 ws=$5 wss=$6
    certificates
    configuration
    accounts
    run
    ;;
stop) stop "$2" ;;
*)
    echo 'usage: prosody.sh start DIR DOMAIN C2S_PORT WS_PORT WSS_PORT | stop DIR' >&2
    exit 2
    ;;
esac
