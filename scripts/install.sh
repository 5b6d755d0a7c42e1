#!/usr/bin/env bash
# Installs vfs for everybody: install.sh PYTHON PREFIX DESTDIR [PACKAGE]
#
# A virtual environment in PREFIX/lib/vfs, commands in PREFIX/bin, the units where systemd looks, mount(8)'s helper,
# manual pages and completion. Everything lies below DESTDIR, for packages that are made of it.
set -euo pipefail

python=$1 prefix=$2 destdir=$3 package=${4:-.[all]}
here=$(dirname "$(dirname "$(realpath "$0")")")
home=$prefix/lib/vfs
units=$prefix/lib/systemd
# mount(8) looks for helpers in /sbin alone, and systemd below /usr/local as below /usr.
sbin=$destdir/usr/sbin

"$python" -m venv --clear "$destdir$home"
(cd "$here" && "$destdir$home/bin/python" -m pip --disable-pip-version-check --quiet install "$package")
"$destdir$home/bin/python" -m vfs.cli.manuals "$destdir$home/manuals"

# What pip wrote for this place is to hold for the place where it will be.
if [ -n "$destdir" ]; then
    grep -rlF "$destdir" "$destdir$home/bin" "$destdir$home/pyvenv.cfg" | while read -r file; do
        sed -i "s#$destdir##g" "$file"
    done
    find "$destdir$home" -name __pycache__ -type d -prune -exec rm -rf {} +
fi

install -d "$destdir$prefix/bin" "$sbin" "$destdir$units/system" "$destdir$units/user" \
    "$destdir$prefix/share/man/man1" "$destdir$prefix/share/bash-completion/completions" \
    "$destdir$prefix/share/zsh/site-functions" "$destdir$prefix/share/fish/vendor_completions.d"
for command in vfs vfsmount vfsdav; do
    if [ -e "$destdir$home/bin/$command" ]; then
        ln -sf "$home/bin/$command" "$destdir$prefix/bin/$command"
    fi
done
for unit in "$here"/systemd/{system,user}/*.service; do
    sed "s#@bindir@#$prefix/bin#g" "$unit" >"$destdir$units/$(basename "$(dirname "$unit")")/$(basename "$unit")"
done
sed "s#@bindir@#$prefix/bin#g" "$here/systemd/mount.fuse.vfsmount" >"$sbin/mount.fuse.vfsmount"
chmod 755 "$sbin/mount.fuse.vfsmount"
mv "$destdir$home"/manuals/man1/* "$destdir$prefix/share/man/man1/"
mv "$destdir$home"/manuals/bash/* "$destdir$prefix/share/bash-completion/completions/"
mv "$destdir$home"/manuals/zsh/* "$destdir$prefix/share/zsh/site-functions/"
mv "$destdir$home"/manuals/fish/* "$destdir$prefix/share/fish/vendor_completions.d/"
rm -r "$destdir$home/manuals"
