package io.trustedlaunch.custody;

/** Where the authority is found in the operator's namespace: what its writer and its readers agree on. */
public final class PublishedAuthority {
    /** Of the Secret with key and certificate, and of the ConfigMap with the certificate alone. */
    public static final String NAME = "trusted-launch-ca";

    /** Data key of the certificate in both. */
    public static final String CERTIFICATE = "ca.crt";

    private PublishedAuthority() {}
}
