package io.trustedlaunch.custody;

/** Whether a certificate may be used for the purpose that it was presented for. */
public sealed interface CertificateVerdict {
    /** It may be used. */
    record Accepted(VerifiedCertificate certificate) implements CertificateVerdict {}

    /** It must not be used; the message names the fault, for a condition. */
    record Refused(Fault fault, String message) implements CertificateVerdict {}

    /** A reason to refuse a certificate. */
    enum Fault {
        /** It is not a certificate, or not on P-256. */
        MALFORMED,
        /** This cluster's authority did not issue it; perhaps the operator was reinstalled. */
        UNKNOWN_ISSUER,
        /** It is for another node. */
        WRONG_NODE,
        /** It is for another purpose. */
        WRONG_PURPOSE,
        NOT_YET_VALID,
        EXPIRED
    }
}
