package io.trustedlaunch.api.incarnation;

import io.trustedlaunch.api.ProcessorVendor;
import java.util.Optional;

/** The virtualization that the machine of a guest has for guests of its own. */
public enum NestedVirtualization {
    None,
    Intel,
    AMD;

    /** Whose virtualization it is; empty if there is none. */
    public Optional<ProcessorVendor> vendor() {
        return switch (this) {
            case None -> Optional.empty();
            case Intel -> Optional.of(ProcessorVendor.Intel);
            case AMD -> Optional.of(ProcessorVendor.AMD);
        };
    }
}
