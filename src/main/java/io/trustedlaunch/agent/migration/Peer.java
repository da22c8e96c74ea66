package io.trustedlaunch.agent.migration;

/**
 * Another node's agent.
 *
 * @param nodeName that its certificate must have
 * @param address an IP address or a DNS name
 */
public record Peer(String nodeName, String address, int port) {
    @Override
    public String toString() {
        return nodeName + " (" + address + " port " + port + ")";
    }
}
