#!/bin/sh
# Runs steps on a copy of this machine's root folder, which is gone afterwards: root-copy.sh FOLDER
# FOLDER has an executable file "steps", and perhaps a folder "copied", which becomes /opt/autophon there. To be run in a mount
# namespace of its own.
set -eu

dir=$1
mkdir -p "$dir/layer" "$dir/root"
mount -t tmpfs tmpfs "$dir/layer"
mkdir "$dir/layer/upper" "$dir/layer/work"
mount -t overlay overlay -o "lowerdir=/,upperdir=$dir/layer/upper,workdir=$dir/layer/work" "$dir/root"
mount -t proc proc "$dir/root/proc"
mount --bind /dev "$dir/root/dev"
rm -rf "$dir/root/opt"
mkdir "$dir/root/opt"
if [ -d "$dir/copied" ]; then cp -R "$dir/copied" "$dir/root/opt/autophon"; fi
cp "$dir/steps" "$dir/root/steps"
exec chroot "$dir/root" /steps
