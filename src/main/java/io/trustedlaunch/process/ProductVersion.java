package io.trustedlaunch.process;

import java.util.Optional;

/** The version of this program: that of the jar which has this class. */
public final class ProductVersion {
    private ProductVersion() {}

    public static String running() {
        return Optional.ofNullable(ProductVersion.class.getPackage().getImplementationVersion())
                .orElse("development");
    }
}
