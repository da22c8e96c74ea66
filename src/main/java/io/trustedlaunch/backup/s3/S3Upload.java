package io.trustedlaunch.backup.s3;

import io.trustedlaunch.backup.BackupId;
import io.trustedlaunch.backup.BackupStoreException;
import io.trustedlaunch.backup.StoreFault;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/** One file, sent in parts. Until it is completed there is no object. */
final class S3Upload {
    private static final int MAX_TAG = 256;

    private final S3Exchange exchange;
    private final BackupId id;
    private final String file;
    private final BegunUpload upload;

    S3Upload(S3Exchange exchange, BackupId id, String file, BegunUpload upload) {
        this.exchange = exchange;
        this.id = id;
        this.file = file;
        this.upload = upload;
    }

    void send(InputStream content, long bytes) throws BackupStoreException {
        long parts = Math.max(1, Math.ceilDiv(bytes, upload.partBytes()));
        if (parts > upload.parts()) {
            throw new BackupStoreException(
                    StoreFault.FAILED,
                    exchange.describe(id, file) + " has " + bytes + " bytes, and was expected to have at most "
                            + upload.partBytes() * upload.parts() + "; is a disk larger than spec says?");
        }
        boolean completed = false;
        try {
            StringBuilder done = new StringBuilder("<CompleteMultipartUpload>");
            for (int number = 1; number <= parts; number++) {
                long length = Math.min(upload.partBytes(), bytes - (number - 1) * upload.partBytes());
                done.append("<Part><PartNumber>")
                        .append(number)
                        .append("</PartNumber><ETag>")
                        .append(S3Xml.escaped(part(number, content, length)))
                        .append("</ETag></Part>");
            }
            requireEnd(exchange.describe(id, file), content, bytes);
            complete(done.append("</CompleteMultipartUpload>").toString(), bytes);
            completed = true;
        } finally {
            if (!completed) {
                abort();
            }
        }
    }

    /** Returns the tag that the server has given it. */
    private String part(int number, InputStream content, long length) throws BackupStoreException {
        S3Answer answer = exchange.send(
                "write", exchange.describe(id, file), S3Request.part(id, file, upload, number), content, length);
        return answer.header("ETag")
                .filter(tag -> tag.length() <= MAX_TAG)
                .orElseThrow(() -> new BackupStoreException(
                        StoreFault.FAILED,
                        "cannot write " + exchange.describe(id, file) + ": the server gave a part no usable ETag"));
    }

    static void requireEnd(String what, InputStream content, long bytes) throws BackupStoreException {
        try {
            if (content.read() >= 0) {
                throw new BackupStoreException(StoreFault.FAILED, what + " has more than " + bytes + " bytes");
            }
        } catch (BackupStoreException e) {
            throw e;
        } catch (IOException e) {
            throw new BackupStoreException(StoreFault.FAILED, e.getMessage(), e);
        }
    }

    /** The server may begin its answer, with status 200, before it knows whether it succeeds. */
    private void complete(String parts, long bytes) throws BackupStoreException {
        byte[] body = parts.getBytes(StandardCharsets.UTF_8);
        String what = exchange.describe(id, file);
        Optional<S3Answer> answer = exchange.create(
                "complete",
                what,
                S3Request.complete(id, file, upload),
                new ByteArrayInputStream(body),
                body.length,
                () -> S3StoredObject.hasLength(exchange, id, file, bytes));
        if (answer.filter(S3Upload::isIncomplete).isPresent()) {
            throw new BackupStoreException(
                    StoreFault.FAILED,
                    "cannot complete " + what + ": the server answers "
                            + answer.get().status() + " and "
                            + (answer.get().errorCode().isEmpty()
                                    ? "no result"
                                    : answer.get().errorCode()));
        }
    }

    private static boolean isIncomplete(S3Answer answer) {
        return S3Xml.texts(answer.body(), "CompleteMultipartUploadResult", "ETag")
                .isEmpty();
    }

    /** Parts that remain are removed by the bucket's rule for unfinished uploads, or with the run's files. */
    private void abort() {
        try {
            exchange.sendOnce("abort", exchange.describe(id, file), S3Request.abort(id, file, upload));
        } catch (BackupStoreException e) {
            if (e.fault() != StoreFault.MISSING) {
                exchange.leftBehind(e);
            }
        }
    }
}
