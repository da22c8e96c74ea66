package io.trustedlaunch.placement;

import io.soabase.recordbuilder.core.RecordBuilder;
import io.trustedlaunch.api.Lists;
import io.trustedlaunch.api.incarnation.NestedVirtualization;
import java.util.List;
import java.util.Optional;
import java.util.SortedSet;
import java.util.function.Supplier;

/**
 * The resources that a VM needs from its node.
 *
 * @param incarnationFields the fields that its next incarnation uses, which the node's agent must know; asked only if a node's
 *     agent may not
 * @param locations the storage locations of its disks
 * @param hasRemovedDisks it has removed disks, which stay in its folder when its disks are copied to another node
 * @param discs the drives that have a disc; its guest takes them along, and needs their files on its node
 * @param libtpms version of the library that last ran its TPM; empty if it has none yet, or that is not known
 * @param requiresVbs it runs only where guests get what virtualization-based security needs
 * @param nested that its guest has, which runs; empty if none runs, or that is not known
 * @param enlightenedVmcs its guest has evmcs
 * @param image empty if its disks exist, or if every node can fetch their image
 */
@RecordBuilder
public record Requests(
        int cores,
        long memoryBytes,
        Supplier<SortedSet<String>> incarnationFields,
        List<String> networks,
        List<String> locations,
        boolean hasRemovedDisks,
        List<String> discs,
        Optional<String> libtpms,
        boolean requiresVbs,
        Optional<NestedVirtualization> nested,
        boolean enlightenedVmcs,
        Optional<ImageFile> image,
        Constraints constraints) {
    public Requests {
        discs = Lists.orEmpty(discs);
    }
}
