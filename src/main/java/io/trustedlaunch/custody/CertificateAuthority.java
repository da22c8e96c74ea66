package io.trustedlaunch.custody;

import java.time.Instant;

/** What is kept of an authority, whatever it issues. */
public interface CertificateAuthority {
    /** For the Secret that keeps it, for nothing else. */
    String keyPem();

    String certificatePem();

    boolean isValidAt(Instant time);
}
