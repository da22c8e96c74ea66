package io.trustedlaunch.operator.fencing;

import java.util.Map;

/** The nodes that are proved dead. */
@FunctionalInterface
public interface Fences {
    /**
     * Read from the API server, not from a cache: other incarnations begin because of it.
     *
     * @return the NodeFence that proves it, by node
     */
    Map<String, String> proved();
}
