#!/usr/bin/env bash
# Prints the home of a JDK of version 25 or later, or says what to install and exits 1.
# Looks at JAVA_HOME, the java on the PATH, then the usual folders, newest first.
needed=25

version_of() { # HOME -> feature version, empty when it is no JDK
  sed -n 's/^JAVA_VERSION="\([0-9]*\).*/\1/p' "$1/release" 2>/dev/null
}

accept() {
  local version
  [ -x "$1/bin/java" ] && [ -x "$1/bin/javac" ] || return 1
  version=$(version_of "$1")
  [ -n "$version" ] && [ "$version" -ge $needed ] && printf '%s\n' "$1" && exit 0
}

[ -n "${JAVA_HOME:-}" ] && accept "$JAVA_HOME"
on_path=$(command -v java) && accept "$(dirname "$(dirname "$(readlink -f "$on_path")")")"
for home in $(ls -d /usr/lib/jvm/* /opt/*jdk* /opt/java/* "$HOME"/.sdkman/candidates/java/* "$HOME"/.jdks/* \
  /Library/Java/JavaVirtualMachines/*/Contents/Home 2>/dev/null | sort -rV); do
  accept "$home"
done
on_path=${on_path:+$(readlink -f "$on_path"), version $(version_of "$(dirname "$(dirname "$(readlink -f "$on_path")")")")}
cat >&2 <<EOF
vignette: no JDK of version $needed or later was found in JAVA_HOME (${JAVA_HOME:-not set}), on the PATH (${on_path:-no java}) or in the usual folders.
Install one, for example Temurin $needed (Debian: the package temurin-$needed-jdk of the Adoptium repository), or set JAVA_HOME.
EOF
exit 1
