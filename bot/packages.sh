# Sourced by bot/run and tests/run, with $top set: the packages Lippy needs, and steps that report in one line.
# shellcheck shell=sh disable=SC2034,SC2154

build_packages='build-essential cmake ninja-build pkgconf ca-certificates
    libwebsockets-dev libwebsockets-evlib-uv libuv1-dev libcurl4-openssl-dev libexpat1-dev libcjson-dev
    libyaml-dev libutf8proc-dev libstemmer-dev libinih-dev libssl-dev'

# clang for a second opinion on warnings, prosody, ejabberd and inspircd (with anope) as the servers, slixmpp as the human, chromium for
# Converse.js.
test_packages='clang ccache libcmocka-dev
    prosody ejabberd inspircd anope openssl curl procps python3 python3-yaml python3-slixmpp python3-websockets chromium nodejs npm'

say() { printf '%s\n' "$*" >&2; }
die() {
    say "$*"
    exit 1
}

as_root() {
    if [ "$(id -u)" -eq 0 ]; then
        "$@"
    elif command -v sudo >/dev/null; then
        sudo "$@"
    else
        die "Installing packages needs root: run this as root, or install sudo."
    fi
}

# step WORDS COMMAND...: one line while all goes well, all that COMMAND said when it fails. The log is left for a look.
step() {
    words=$1
    shift
    mkdir -p "$top/build"
    log=$top/build/step.log
    started=$(date +%s)
    printf '%s ... ' "$words" >&2
    if "$@" >"$log" 2>&1 </dev/null; then
        took=$(($(date +%s) - started))
        # Nothing to do is nothing to tell.
        if [ "$took" -eq 0 ] && [ -t 2 ] && [ "${TERM:-dumb}" != dumb ]; then
            printf '\r\033[K' >&2
        else
            say "$took s"
        fi
    else
        say "failed:"
        cat "$log" >&2
        exit 1
    fi
}

unsupported() {
    die "This is ${PRETTY_NAME:-a system without /etc/os-release}. The script knows Debian 12, Ubuntu 24.04 and newer.
Elsewhere, install CMake 3.25, Ninja and the libraries listed in bot/packages.sh under your system's names, then:
    cmake --preset release && cmake --build --preset release && build/release/lippy"
}

# Debian's and Ubuntu's relatives pass without a look at their version; CMake checks the libraries' versions anyway.
check_system() {
    # shellcheck disable=SC1091
    [ ! -r /etc/os-release ] || . /etc/os-release
    case "${ID:-} ${ID_LIKE:-}" in
    debian* | ubuntu* | *' debian'* | *' ubuntu'*) command -v apt-get >/dev/null || unsupported ;;
    *) unsupported ;;
    esac
    case "${ID:-}-${VERSION_ID:-99}" in
    debian-[0-9] | debian-1[01] | ubuntu-[0-9].* | ubuntu-1?.* | ubuntu-2[0-3].*) unsupported ;;
    esac
    # Ubuntu's Chromium is a snap, which no container can run: there the browser's test is skipped.
    [ "${ID:-}" != ubuntu ] || test_packages=$(echo "$test_packages" | sed 's/ chromium / /')
}

missing_of() {
    # shellcheck disable=SC2016
    installed=$(dpkg-query -W -f='${db:Status-Abbrev} ${Package}\n' "$@" 2>/dev/null | sed -n 's/^.i  *//p')
    for package; do
        case $package in
        # Node.js often comes from elsewhere, with npm in the same package.
        nodejs) command -v node >/dev/null && continue ;;
        npm) command -v npm >/dev/null && continue ;;
        esac
        printf '%s\n' "$installed" | grep -qx "$package" || echo "$package"
    done
}

apt_install() {
    as_root env DEBIAN_FRONTEND=noninteractive apt-get -q update &&
        as_root env DEBIAN_FRONTEND=noninteractive apt-get -q -y --no-install-recommends install "$@"
}

# install_missing PACKAGES: no call of apt where everything is there.
install_missing() {
    # shellcheck disable=SC2086
    missing=$(missing_of $1)
    [ -n "$missing" ] || return 0
    # Our tests start servers of their own: the system's must not run because of us.
    for server in prosody ejabberd; do
        if echo "$missing" | grep -qx $server && [ -d /etc/systemd/system ] && [ ! -e /etc/systemd/system/$server.service ]
        then
            as_root ln -s /dev/null /etc/systemd/system/$server.service
            say "The system's own $server stays off; 'systemctl unmask $server' would let it start."
        fi
    done
    # shellcheck disable=SC2086
    step "Installing $(echo "$missing" | xargs)" apt_install $missing
}

# build PRESET: configures and builds.
build() {
    cmake -S "$top" --preset "$1" && cmake --build "$top/build/$1"
}
