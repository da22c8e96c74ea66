package io.trustedlaunch.api.node;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import io.fabric8.generator.annotation.Size;
import io.trustedlaunch.api.Messages;
import io.trustedlaunch.api.ProcessorVendor;
import java.util.Optional;

/**
 * Whether guests of the host can be hypervisors themselves, which virtualization-based security needs.
 *
 * @param vendor of the host's processor; absent if it is none of those
 * @param nested whether a guest was seen to run a guest of its own
 * @param message how that is known, or what is missing
 * @param enlightenedVmcs libvirt offers the enlightenment evmcs, which makes Hyper-V in guests on Intel faster
 */
@JsonIgnoreProperties(ignoreUnknown = true)
public record NodeVirtualization(
        ProcessorVendor vendor,
        Nested nested,
        @Size(max = Messages.MAX_LENGTH) String message,
        boolean enlightenedVmcs) {
    public NodeVirtualization {
        message = Messages.bounded(message);
    }

    /** Nested virtualization. */
    public enum Nested {
        /** A guest that was made for it ran a guest of its own. */
        Proved,
        /** The hypervisor accepts guests with it. Nothing proves that it works: there is no such guest for the processor. */
        Offered,
        /** No guest gets it. */
        None
    }

    /** The vendor whose virtualization guests get; empty if they get none. */
    public Optional<ProcessorVendor> offers() {
        return nested == Nested.Proved || nested == Nested.Offered ? Optional.ofNullable(vendor) : Optional.empty();
    }
}
