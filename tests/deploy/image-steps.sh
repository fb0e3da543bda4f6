#!/bin/sh
# Runs the steps of an image on a copy of this machine's root folder, which is gone afterwards: image-steps.sh FOLDER
# FOLDER has an executable file "steps", and "copied" with what the image copies. In a mount namespace of its own.
set -eu

dir=$1
mkdir -p "$dir/layer" "$dir/root"
mount -t tmpfs tmpfs "$dir/layer"
mkdir "$dir/layer/upper" "$dir/layer/work"
mount -t overlay overlay -o "lowerdir=/,upperdir=$dir/layer/upper,workdir=$dir/layer/work" "$dir/root"
mount -t proc proc "$dir/root/proc"
mount --bind /dev "$dir/root/dev"
rm -rf "$dir/root/opt/autophon"
mkdir -p "$dir/root/opt/autophon"
cp -R "$dir/copied/." "$dir/root/opt/autophon"
cp "$dir/steps" "$dir/root/steps"
exec chroot "$dir/root" /steps
