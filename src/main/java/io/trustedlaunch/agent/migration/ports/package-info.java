/** Keeps this host's ports for QEMU's migrations closed, except to the sources of guests that are arriving. */
package io.trustedlaunch.agent.migration.ports;
