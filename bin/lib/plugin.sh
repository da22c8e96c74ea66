# shellcheck shell=bash
# How the JVM of the kubectl plugin is started. It lives for a second, most of which is classes that are read and compiled.

# plugin_jvm_options FOLDER: sets PLUGIN_JVM, for the jars in the folder. The archive of their classes is among them, and so belongs
# to whoever installed them; a JVM passes over one for another JVM or other jars, and must not tell. The key store of a client
# certificate stays in memory: one round of its key derivation is enough.
plugin_jvm_options() {
  PLUGIN_JVM=(-XX:+UseSerialGC -XX:TieredStopAtLevel=1 -XX:-UsePerfData -Xlog:all=off:stdout
    -Dkeystore.pkcs12.keyPbeIterationCount=1)
  [[ ! -r $1/plugin.jsa ]] || PLUGIN_JVM+=("-XX:SharedArchiveFile=$1/plugin.jsa")
}

# archive_plugin FOLDER: archives the classes of the jars in the folder for JAVA_HOME, in a run of commands against a server on
# this machine, with a key pair for it alone. The archive has the JDK's classes too, of which some runtimes bring none.
archive_plugin() {
  local work password
  work=$(mktemp -d /tmp/trusted-launch-plugin.XXXXXX)
  password=$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')
  plugin_jvm_options "$1"
  "$JAVA_HOME/bin/keytool" -genkeypair -alias rehearsal -keyalg EC -groupname secp256r1 -dname CN=rehearsal -validity 1 \
    -ext san=ip:127.0.0.1 -storetype PKCS12 -storepass "$password" -keystore "$work/keys" &&
    "$JAVA_HOME/bin/keytool" -exportcert -rfc -alias rehearsal -storepass "$password" -keystore "$work/keys" -file "$work/ca" &&
    "$JAVA_HOME/bin/java" "${PLUGIN_JVM[@]}" "-XX:DumpLoadedClassList=$work/classes" \
      "-Djavax.net.ssl.keyStore=$work/keys" "-Djavax.net.ssl.keyStorePassword=$password" \
      -cp "$1/trusted-launch-plugin.jar" io.trustedlaunch.cli.plugin.Rehearsal "$work/ca" &&
    "$JAVA_HOME/bin/java" -Xshare:dump "-XX:SharedClassListFile=$work/classes" "-XX:SharedArchiveFile=$work/plugin.jsa" \
      -cp "$1/trusted-launch-plugin.jar" &&
    install -m 644 "$work/plugin.jsa" "$1/plugin.jsa" || {
    rm -rf "$work"
    return 1
  }
  rm -rf "$work"
}
