/**
 * What two agents do together so that a guest moves from one host to the other while it runs. Each has a door, which
 * opens to agents by mutual TLS alone. A connection is one line of ASCII from either side:
 *
 * <pre>
 *   1 forward VM EPOCH      the way to the libvirt here, for that arrival; after "ok" the bytes go through
 *   1 seed VM EPOCH         what the guest's answer CD is; after "ok" its length on a line, and its bytes
 *   1 word VM EPOCH         what follows after "ok" is "left", perhaps after hours; it is answered as the next
 *   1 left VM EPOCH         the guest has left for good; "ok" once this agent has that on its disk
 *
 *   ok
 *   no WHY
 * </pre>
 *
 * <p>What moves, and whether, is decided elsewhere: here is no state but connections.
 */
package io.trustedlaunch.agent.migration;
