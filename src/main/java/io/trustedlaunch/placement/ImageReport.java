package io.trustedlaunch.placement;

/** The report of a node's agent on an import. It is evidence about that node only. */
public sealed interface ImageReport {
    String node();

    /** A verified copy is in this storage location of the node, so the agent has also read the source. */
    record Imported(String node, String storageLocation) implements ImageReport {}

    /** The source is a file, which is not on the node. */
    record FileMissing(String node) implements ImageReport {}
}
