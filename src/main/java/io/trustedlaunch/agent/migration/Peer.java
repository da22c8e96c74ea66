package io.trustedlaunch.agent.migration;

/**
 * Another node's agent.
 *
 * @param nodeName what its certificate must say
 * @param address where it is looked for: an IP address or a DNS name
 */
public record Peer(String nodeName, String address, int port) {
    @Override
    public String toString() {
        return nodeName + " (" + address + " port " + port + ")";
    }
}
