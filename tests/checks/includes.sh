#!/bin/sh
# includes.sh BOT: who may include whom. Arrows point one way only: core, text, dialog; chat beside them; the engine above
# all four; the shell around everything. Only #include "folder/name.h" is understood, so nothing else is allowed.
set -eu
export LC_ALL=C
cd "$1"

allowed() {
    case $1 in
    core) echo 'core/' ;;
    text) echo 'core/|text/' ;;
    dialog) echo 'core/|text/|dialog/' ;;
    chat) echo 'core/|chat/' ;;
    engine) echo 'core/|text/|dialog/|chat/|engine/' ;;
    store) echo 'core/|store/|dialog/session\.h' ;;
    author) echo 'core/|text/|dialog/|author/' ;;
    *) echo '[a-z]+/' ;;
    esac
}

bad=
files=0
for file in */*.c */*.h *.c; do
    [ -e "$file" ] || continue
    files=$((files + 1))
    case $file in */*) folder=${file%%/*} ;; *) folder=main ;; esac
    lines=$(grep -nE '^[[:space:]]*#[[:space:]]*include[[:space:]]*"' "$file" | grep -vE "\"($(allowed "$folder"))[^/]*\"" || true)
    [ -z "$lines" ] || bad="$bad$(printf '%s\n' "$lines" | sed "s|^|  $file:|")
"
done
[ "$files" -gt 5 ] || { echo "only $files files under $1"; exit 1; }
[ -z "$bad" ] || {
    echo "Includes against the arrows:"
    printf '%s' "$bad"
    exit 1
}
echo "$files files include in the right directions"
