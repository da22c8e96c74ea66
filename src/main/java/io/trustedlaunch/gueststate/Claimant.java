package io.trustedlaunch.gueststate;

import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import java.util.regex.Pattern;

/**
 * The owner of a state: the incarnation that claimed the VM's home for its epoch. Two that were given the same epoch differ.
 *
 * @param cluster UID of the Kubernetes cluster; clusters that were restored from the same data share it
 * @param node the name of the node
 * @param nonce made by the node's agent for this incarnation alone, and only in its record; 32 hexadecimal digits
 */
@JsonPropertyOrder({"cluster", "node", "nonce"})
public record Claimant(String cluster, String node, String nonce) {
    private static final Pattern CLUSTER = Pattern.compile("[0-9A-Za-z-]{1,36}");
    private static final Pattern NODE = Pattern.compile("[0-9a-z.-]{1,253}");
    private static final Pattern NONCE = Pattern.compile("[0-9a-f]{32}");

    /** @throws IllegalArgumentException if one of them is malformed; messages quote them */
    public Claimant {
        require("cluster", CLUSTER, cluster);
        require("node", NODE, node);
        require("nonce", NONCE, nonce);
    }

    private static void require(String what, Pattern form, String value) {
        if (value == null || !form.matcher(value).matches()) {
            throw new IllegalArgumentException("the claimant's " + what + " is malformed");
        }
    }

    /** The claimant for messages. The nonce is no secret, and tells people nothing. */
    @Override
    public String toString() {
        return "node " + node + " of cluster " + cluster;
    }
}
