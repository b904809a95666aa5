#!/usr/bin/env bash
# Marks a module descriptor as a class file of Java 17: mark-module.sh FOLDER
# Maven's jar plugin passes it to the jar tool of the Java that Maven runs on, which may be older than the one that compiles and
# then refuses it. A descriptor has nothing in it that needs the newer format.
descriptor=$1/module-info.class
[ ! -f "$descriptor" ] || printf '\x3d' | dd of="$descriptor" bs=1 seek=7 conv=notrunc status=none
