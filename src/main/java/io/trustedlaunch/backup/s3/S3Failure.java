package io.trustedlaunch.backup.s3;

import io.trustedlaunch.backup.BackupStoreException;
import io.trustedlaunch.backup.StoreFault;

/** Translates an answer other than a success for a store's caller. */
final class S3Failure {
    static final String REMOVE = "remove";

    private static final int REDIRECTS = 3;
    private static final int SERVERS = 5;

    private S3Failure() {}

    /** @param verb for the message, "cannot VERB WHAT" */
    static BackupStoreException of(String verb, String what, S3Answer answer) {
        String code = answer.errorCode();
        String failed = "cannot " + verb + " " + what + ": ";
        String said = "the server answers " + answer.status() + (code.isEmpty() ? "" : " " + code);
        if (answer.isExpired()) {
            return new BackupStoreException(
                    StoreFault.EXPIRED,
                    failed + said + ": what was signed for this run is valid no more, or the clock of the server or the"
                            + " operator is wrong");
        }
        if (isRefusedRemoval(verb, code)) {
            return new BackupStoreException(
                    StoreFault.NOT_REMOVABLE,
                    failed + said
                            + ": the bucket keeps it for a time (Object Lock), or the account lacks s3:DeleteObject");
        }
        return switch (answer.status()) {
            case 404 -> missing(failed, said, code);
            case 401, 403 ->
                new BackupStoreException(
                        StoreFault.REFUSED,
                        failed + said
                                + ": check the Secret that spec.s3.secretRef of the BackupLocation names, and what"
                                + " the account may do in the bucket");
            case 409, 412 -> new BackupStoreException(StoreFault.EXISTS, failed + "it exists already (" + said + ")");
            case 507 -> noSpace(failed, said);
            default ->
                isFull(code)
                        ? noSpace(failed, said)
                        : new BackupStoreException(fault(answer.status()), failed + said + advice(answer.status()));
        };
    }

    /** Some servers call a locked object an invalid request. */
    private static boolean isRefusedRemoval(String verb, String code) {
        return verb.equals(REMOVE) && (code.equals("AccessDenied") || code.equals("InvalidRequest"));
    }

    private static BackupStoreException missing(String failed, String said, String code) {
        return code.equals("NoSuchBucket")
                ? new BackupStoreException(
                        StoreFault.UNREACHABLE, failed + said + ": create the bucket, or correct spec.s3.bucket")
                : new BackupStoreException(StoreFault.MISSING, failed + "it is missing (" + said + ")");
    }

    private static boolean isFull(String code) {
        return code.equals("QuotaExceeded") || code.equals("InsufficientStorage") || code.endsWith("StorageFull");
    }

    private static BackupStoreException noSpace(String failed, String said) {
        return new BackupStoreException(StoreFault.NO_SPACE, failed + said);
    }

    private static StoreFault fault(int status) {
        return switch (status / 100) {
            case REDIRECTS -> StoreFault.REFUSED;
            case SERVERS -> StoreFault.UNREACHABLE;
            default -> StoreFault.FAILED;
        };
    }

    private static String advice(int status) {
        return status / 100 == REDIRECTS
                ? ", a redirect, which is not followed: correct spec.s3.endpoint or spec.s3.region of the BackupLocation"
                : "";
    }
}
