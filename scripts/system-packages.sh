#!/usr/bin/env bash
# Installs what vfs needs from the system, where it is missing: system-packages.sh PYTHON run|test...
set -euo pipefail

python=$1
shift
missing=()

need() { # PACKAGE COMMAND...: the package is needed unless the command succeeds
    local package=$1
    shift
    "$@" >/dev/null 2>&1 || missing+=("$package")
}

has() { PATH="$PATH:/usr/sbin:/sbin" command -v "$1"; }

can_compile() { echo '#include <stdlib.h>' | cc -fsyntax-only -xc -; }

has_python_headers() {
    test -f "$("$python" -c 'import sysconfig; print(sysconfig.get_path("include"))')/Python.h"
}

packages_to_run() {
    need fuse3 has fusermount3
    need pkg-config has pkg-config
    need libfuse3-dev pkg-config --exists fuse3
    need "gcc libc6-dev" can_compile
    need python3-dev has_python_headers
    need python3-venv "$python" -c 'import ensurepip, venv'
}

packages_to_test() {
    need attr has setfattr
    need cadaver has cadaver
    need curl has curl
    need davfs2 has mount.davfs
    need dbus-daemon has dbus-run-session
    need dpkg-dev has dpkg-source
    need systemd has systemd-analyze
    need systemd-container has systemd-nspawn
    need man-db has man
    need git has git
    need fish has fish
    need zsh has zsh
    need "gvfs gvfs-backends" test -e /usr/share/gvfs/mounts/dav.mount
    need libglib2.0-bin has gio
    need "kde-cli-tools kio-extras" has kioclient5
    need litmus has litmus
    need redis-server has redis-server
    need rsync has rsync
    need s3fs has s3fs
    need sed has sed
    need sqlite3 has sqlite3
    need tar has tar
    has vim >/dev/null || need vim-tiny has vim.tiny
}

install() {
    local as_root=()
    if [ "$(id -u)" != 0 ]; then
        as_root=(sudo)
    fi
    if ! has apt-get >/dev/null || ! has "${as_root[0]:-apt-get}" >/dev/null; then
        echo "Install these packages, or what your system calls them, then try again:" >&2
        echo "    $*" >&2
        exit 1
    fi
    echo "Installing $*"
    "${as_root[@]}" apt-get update -q
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends "$@"
}

if ! "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))'; then
    echo "Python 3.11 or newer is needed; name one with: make PYTHON=/path/to/python3" >&2
    exit 1
fi
for purpose in "$@"; do
    "packages_to_$purpose"
done
if [ ${#missing[@]} -gt 0 ]; then
    # Unquoted: one need may be of several packages.
    # shellcheck disable=SC2068
    install ${missing[@]}
fi
