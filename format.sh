#!/usr/bin/env bash
# Formats the Java sources with google-java-format through Spotless: ./format.sh, or ./format.sh check to only look.
cd "$(dirname "${BASH_SOURCE[0]}")" || exit 1
JAVA_HOME=$(./find-jdk.sh) || exit 1
export JAVA_HOME
export MAVEN_OPTS="${MAVEN_OPTS:-} --sun-misc-unsafe-memory-access=allow"
# The bill of materials has no parent, so that it brings nothing else, and no sources.
exec mvn -q -B -Dstyle.color=never --projects "!bom" "spotless:${1:-apply}"
