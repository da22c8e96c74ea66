package io.trustedlaunch.custody;

/**
 * Where the authorities are found in the operator's namespace: what their writer and their readers agree on. Each name is
 * of a Secret with key and certificate, and of a ConfigMap with the certificate alone.
 */
public final class PublishedAuthority {
    /** Issues the certificates that agents hold. */
    public static final String NODES = "trusted-launch-ca";

    /** Issues the certificates that nodes hand to QEMU. No agent believes them. */
    public static final String QEMU = "trusted-launch-qemu-ca";

    /** Issues the certificates of the endorsement keys of VMs. */
    public static final String VTPMS = "trusted-launch-vtpm-ca";

    /** Data key of the certificate in both objects. */
    public static final String CERTIFICATE = "ca.crt";

    private PublishedAuthority() {}
}
