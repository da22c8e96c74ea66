/** To whom this host's ports for QEMU's migrations are open. */
package io.trustedlaunch.agent.migration.ports;
