package io.trustedlaunch.backup.s3;

import io.trustedlaunch.backup.BackupId;
import io.trustedlaunch.backup.BackupStoreException;
import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpResponse;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Signs requests, sends them, and makes errors of what is no success. */
final class S3Exchange {
    private static final Logger LOG = LoggerFactory.getLogger(S3Exchange.class);

    /** Of an error; its code is at its beginning. */
    private static final int MAX_ERROR = 64 << 10;

    private final S3Access access;
    private final S3Http http;

    S3Exchange(S3Access access) throws BackupStoreException {
        this.access = access;
        this.http = new S3Http(access.name(), access.caBundle());
    }

    S3Access access() {
        return access;
    }

    String describe(BackupId id, String file) {
        return access.name() + "/" + S3Request.key(id, file);
    }

    /** @param verb for messages, "cannot VERB WHAT" */
    S3Answer send(String verb, String what, S3Request request, InputStream content, long bytes)
            throws BackupStoreException {
        return requireSuccess(verb, what, http.send(what, request, access.sign(request), content, bytes));
    }

    S3Answer send(String verb, String what, S3Request request) throws BackupStoreException {
        return send(verb, what, request, InputStream.nullInputStream(), 0);
    }

    /** Any status; its body is for the caller to close. */
    HttpResponse<InputStream> get(String what, S3Request request, Map<String, String> headers)
            throws BackupStoreException {
        return http.get(what, request, access.sign(request), headers);
    }

    /** Reads and closes the body of a small answer. */
    static S3Answer whole(String what, HttpResponse<InputStream> response) throws BackupStoreException {
        try (InputStream body = response.body()) {
            return new S3Answer(response.statusCode(), response.headers(), body.readNBytes(MAX_ERROR));
        } catch (IOException e) {
            throw S3Http.failure(what, e);
        }
    }

    private static S3Answer requireSuccess(String verb, String what, S3Answer answer) throws BackupStoreException {
        if (!answer.isSuccess()) {
            throw S3Failure.of(verb, what, answer);
        }
        return answer;
    }

    void leftBehind(BackupStoreException e) {
        LOG.warn("Parts of an upload are left in the bucket: {}", e.getMessage());
    }
}
