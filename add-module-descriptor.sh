#!/usr/bin/env bash
# Puts a module's descriptor into its jar: add-module-descriptor.sh JAR CLASSES. Maven's jar plugin calls the jar tool of the Java
# that Maven runs on, and one older than the sources' does not read their descriptor.
jdk=$("$(dirname "${BASH_SOURCE[0]}")/find-jdk.sh") || exit 1
exec "$jdk/bin/jar" --update --date=2026-01-01T00:00:00Z --file "$1" -C "$2" module-info.class
