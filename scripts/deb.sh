#!/usr/bin/env bash
# Makes a Debian package for this machine's Python and architecture: deb.sh PYTHON FOLDER [PACKAGE]
set -euo pipefail

python=$1 folder=$2 package=${3:-.[all]}
here=$(dirname "$(realpath "$0")")
staging=$(mktemp -d)
trap 'rm -rf "$staging"' EXIT
chmod 755 "$staging"

"$here/install.sh" "$python" /usr "$staging" "$package"
version=$("$staging/usr/lib/vfs/bin/python" -c 'import importlib.metadata as m; print(m.version("vfs"))')
minor=$("$python" -c 'import sys; print("python%d.%d" % sys.version_info[:2])')
mkdir "$staging/DEBIAN"
cat >"$staging/DEBIAN/control" <<CONTROL
Package: vfs
Version: $version
Architecture: $(dpkg --print-architecture)
Maintainer: the vfs developers <vfs@localhost>
Depends: $minor, fuse3, libfuse3-3
Section: utils
Priority: optional
Description: mount any storage as one file system
 S3, Google and Azure buckets, local folders, SQLite files, archives and web servers as folders of one mount,
 with their Python packages in an environment of their own.
CONTROL
mkdir -p "$folder"
dpkg-deb --root-owner-group --build "$staging" "$folder"
