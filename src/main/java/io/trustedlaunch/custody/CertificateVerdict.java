package io.trustedlaunch.custody;

/** Whether a certificate may be used for what it was presented for. */
public sealed interface CertificateVerdict {
    /** It may. */
    record Accepted(VerifiedCertificate certificate) implements CertificateVerdict {}

    /** It may not; the message names the certificate's fault for a condition. */
    record Refused(Fault fault, String message) implements CertificateVerdict {}

    /** What is wrong with a certificate. */
    enum Fault {
        /** It is no certificate, or not on P-256. */
        MALFORMED,
        /** Another authority issued it, or nobody: for example before the operator was installed anew. */
        UNKNOWN_ISSUER,
        /** It is for another node. */
        WRONG_NODE,
        /** It is for another purpose. */
        WRONG_PURPOSE,
        NOT_YET_VALID,
        EXPIRED
    }
}
