/**
 * The protocol by which two agents migrate a running guest. Each agent has a port that accepts only agents, by mutual
 * TLS. A connection begins with one line of ASCII from either side:
 *
 * <pre>
 *   1 forward VM EPOCH      a tunnel to this host's libvirt for that arrival; after "ok" libvirt's RPC follows, of which
 *                           only the guest's migration passes
 *   1 seed VM EPOCH         the guest's answer CD; after "ok" its length on a line, and its bytes
 *   1 home VM EPOCH         the guest's home; after "ok" its files, and another "ok" once they are on disk
 *   1 keepalive VM EPOCH    open as long as the hosts reach each other; no data follows
 *   1 handoff VM EPOCH      "left" follows after "ok", perhaps after hours; the response is that of the next
 *   1 left VM EPOCH         the guest has left for good; "ok" once the agent has that on its disk
 *   1 taken VM EPOCH        "ok" if the agent has resumed the guest
 *
 *   ok
 *   no REASON
 * </pre>
 *
 * <p>Connections are the only state here; which guest migrates is decided elsewhere.
 */
package io.trustedlaunch.agent.migration;
