#!/usr/bin/env bash
# The demo: a folder, an SQLite file and a memory storage, each with a few files, as one file system.
set -euo pipefail

cd "$(dirname "$0")/.."
home=$PWD/.demo
mountpoint=$PWD/storage

write_once() { # FILE: takes its content from standard input, unless the file is there
    if [ -e "$1" ]; then
        cat >/dev/null
    else
        mkdir -p "$(dirname "$1")"
        cat >"$1"
    fi
}

is_mounted() { grep -q -F " $(printf '%s' "$mountpoint" | sed 's/ /\\040/g') " /proc/self/mountinfo; }

answers() { is_mounted && ls "$mountpoint" >/dev/null 2>&1; }

write_config() {
    mkdir -p "$home/folder"
    write_once "$home/config.yaml" <<'YAML'
# Relative paths are taken from this file's folder.
mounts:
  home:    {type: local, path: folder}
  notes:   {type: sqlite, path: notes.db, layers: [versioned]}
  scratch: {type: memory}
main: home
cache: {directory: cache, size: 1GiB}
state: state
YAML
}

fill() { # through the mount, as any program would
    write_once "$mountpoint/home/readme.txt" <<<"This file is .demo/folder/readme.txt; edit it on either side."
    write_once "$mountpoint/home/letters/anna.txt" <<<"Dear Anna, the tea has arrived."
    write_once "$mountpoint/home/letters/ben.txt" <<<"Dear Ben, please send more tea."
    if [ ! -e "$mountpoint/notes/shopping.md" ]; then # in two steps: so it has an old version at once
        echo $'# Shopping\n\n- tea' >"$mountpoint/notes/shopping.md"
        echo '- bread' >>"$mountpoint/notes/shopping.md"
    fi
    write_once "$mountpoint/notes/ideas/one.md" <<<"Everything is a folder."
    write_once "$mountpoint/scratch/hello.txt" <<<"Gone when unmounted: this storage is memory."
    write_once "$mountpoint/scratch/numbers.csv" < <(printf 'n,square\n' && for n in 1 2 3; do echo "$n,$((n * n))"; done)
}

explain() {
    cat <<TEXT

Mounted at ./storage: a local folder (home), an SQLite file that keeps old versions (notes), memory (scratch). Try:

    ls -lR storage
    grep -rn tea storage
    sed -i s/tea/coffee/ storage/notes/shopping.md && cat storage/notes/shopping.md
    ls storage/notes/.versions/shopping.md && cat storage/notes/.versions/shopping.md/changes/*
    .venv/bin/vfs versions storage/notes/shopping.md
    rm storage/notes/ideas/one.md && .venv/bin/vfs restore storage/notes/ideas/one.md -1
    cp -a storage/home/letters storage/notes/
    vim storage/notes/ideas/one.md
    df -h storage/*

The configuration is .demo/config.yaml. Unmount with 'make stop', which is: fusermount3 -u storage
TEXT
}

start() {
    write_config
    mkdir -p "$mountpoint" 2>/dev/null || true # a dead mount is there and yet cannot be looked at
    if ! answers; then
        .venv/bin/vfsmount "$home/config.yaml" "$mountpoint"
    fi
    fill
    explain
}

stop() {
    if is_mounted; then
        fusermount3 -u "$mountpoint"
        echo "Unmounted ./storage; the demo's files stay in ./.demo"
    else
        echo "Nothing is mounted at ./storage"
    fi
}

case ${1-} in
    start | stop) "$1" ;;
    *) echo "usage: demo.sh start|stop" >&2 && exit 2 ;;
esac
