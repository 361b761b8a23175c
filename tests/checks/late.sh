#!/bin/sh
# late.sh READELF LIPPY: the program starts without the libraries of the network; it loads them when it needs them.
set -eu
export LC_ALL=C
needed=$("$1" -d "$2" | sed -n 's/.*NEEDED.*\[\(.*\)\].*/\1/p')
case "$needed" in
*libc.so*) ;;
*) echo "$1 shows no libraries of $2"; exit 1 ;;
esac
for library in libcrypto libssl libwebsockets libcurl; do
    case "$needed" in
    *"$library."*)
        echo "the program is linked with $library again: bot/shell/late.h tells how to avoid that"
        exit 1
        ;;
    esac
done
