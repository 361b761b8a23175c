#!/bin/sh
# manual.sh LIPPY PAGE: the manual page and --help name the same options and commands, and --version prints one line.
set -eu
export LC_ALL=C
lippy=$1 page=$2

help=$("$lippy" --help)
helped=$(printf '%s\n' "$help" | grep -oE '(^|[^-a-z])--[a-z]+' | grep -oE -e '--[a-z]+' | sort -u)
# In mdoc: ".Fl -json", ".Op Fl -json", ".Fl -help | -version".
paged=$(grep -E '^\.(It |Op )?Fl ' "$page" | grep -oE '(^| )-[a-z][a-z]+' | tr -d ' ' | sed 's/^/-/' | sort -u)
[ "$helped" = "$paged" ] || {
    echo "--help has: $(echo "$helped" | xargs)"
    echo "$page has: $(echo "$paged" | xargs)"
    exit 1
}
for command in $(sed -n 's/^\.It Cm //p' "$page"); do
    printf '%s\n' "$help" | grep -qw "$command" || { echo "--help says nothing of \"$command\""; exit 1; }
done
[ "$("$lippy" --version | wc -l)" -eq 1 ] || { echo "--version is not one line"; exit 1; }
