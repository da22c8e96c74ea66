/**
 * Compares the domain and the cookie that a source sends with those that this node would have made, element by element:
 * everything in them is either the same, or on the list of what libvirt adds. Pure.
 */
package io.trustedlaunch.agent.migration.arrival;
