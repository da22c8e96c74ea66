package io.trustedlaunch.operator.node;

import java.util.Set;

/** The nodes that are proved dead. */
@FunctionalInterface
public interface Fences {
    /** Read from the API server, not from a cache: other incarnations begin because of it. */
    Set<String> nodes();

    /** Nothing proves a node dead yet: a taint is a person's word. */
    static Fences none() {
        return Set::of;
    }
}
