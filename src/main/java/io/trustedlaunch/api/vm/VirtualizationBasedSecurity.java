package io.trustedlaunch.api.vm;

import io.trustedlaunch.api.image.OsType;

/** Whether a guest gets what virtualization-based security needs: nested virtualization and an IOMMU. */
public enum VirtualizationBasedSecurity {
    /** The VM runs only on nodes that offer it. */
    Required,
    /** The VM has it on nodes that offer it, and runs on others, too. */
    Offered,
    /** The VM has no nested virtualization and no IOMMU. */
    None;

    /** What a VM gets that asks for nothing. */
    public static VirtualizationBasedSecurity ofOs(OsType osType) {
        return switch (osType) {
            case Windows -> Offered;
            case Linux -> None;
        };
    }
}
