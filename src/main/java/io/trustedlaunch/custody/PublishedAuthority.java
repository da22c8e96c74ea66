package io.trustedlaunch.custody;

/**
 * Where the operator publishes its authorities in its namespace. Each name is that of a Secret with key and
 * certificate, and of a ConfigMap with the certificate alone.
 */
public final class PublishedAuthority {
    /** Issues the certificates that agents hold. */
    public static final String NODES = "trusted-launch-ca";

    /** Issues the certificates that nodes hand to QEMU. No agent accepts them. */
    public static final String QEMU = "trusted-launch-qemu-ca";

    /** Issues the certificates of the endorsement keys of VMs. */
    public static final String VTPMS = "trusted-launch-vtpm-ca";

    /** Data key of the certificate in both objects. */
    public static final String CERTIFICATE = "ca.crt";

    private PublishedAuthority() {}
}
