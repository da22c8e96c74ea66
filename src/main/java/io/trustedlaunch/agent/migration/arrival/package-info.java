/**
 * What a source may send about a guest, held against what this node itself expects of it. The domain that arrives is
 * compared with the one that this node would have started, element by element: everything in it is either the same, or on
 * the list of what libvirt adds. Pure.
 */
package io.trustedlaunch.agent.migration.arrival;
