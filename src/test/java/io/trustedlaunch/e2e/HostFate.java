package io.trustedlaunch.e2e;

/** What befalls the host under a guest, or what is said of it. */
sealed interface HostFate permits HostDeath, FalseStatement {}
