package io.trustedlaunch.custody;

import java.time.Instant;

/** The parts of an authority that are stored. */
public interface CertificateAuthority {
    /** For the authority's Secret, and for nothing else. */
    String keyPem();

    String certificatePem();

    boolean isValidAt(Instant time);
}
