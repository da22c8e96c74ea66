package io.trustedlaunch.backup.s3;

import io.trustedlaunch.backup.BackupId;
import io.trustedlaunch.backup.BackupStoreException;
import io.trustedlaunch.backup.StoreFault;
import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Map;

/** Signs requests, sends them, makes errors of what is no success, and sends them again while the server is away. */
final class S3Exchange {
    /** Limit of an error; its code is at its beginning. */
    private static final int MAX_ERROR = 64 << 10;

    private final S3Access access;
    private final S3Http http;
    private final Retries retries;

    S3Exchange(S3Access access, Retries retries, Duration patience) throws BackupStoreException {
        this.access = access;
        this.retries = retries;
        this.http = new S3Http(access.name(), access.caBundle(), patience);
    }

    S3Access access() {
        return access;
    }

    String describe(BackupId id, String file) {
        return access.name() + "/" + S3Request.key(id, file);
    }

    Retries retries() {
        return retries;
    }

    /**
     * @param verb for messages, "cannot VERB WHAT"
     * @param content whose next bytes are sent; sent again only if it can be {@link InputStream#reset}
     */
    S3Answer send(String verb, String what, S3Request request, InputStream content, long bytes)
            throws BackupStoreException {
        return repeated(content, bytes, again -> once(verb, what, request, content, bytes));
    }

    S3Answer send(String verb, String what, S3Request request) throws BackupStoreException {
        return send(verb, what, request, InputStream.nullInputStream(), 0);
    }

    /** Asks, when an answer was lost, whether the request has taken effect. */
    @FunctionalInterface
    interface Made {
        boolean isThere() throws BackupStoreException;
    }

    /**
     * Sends what makes an object only where there is none. If the answer to an attempt is lost, and the object is there, then that
     * attempt has made it. That is asked before it is sent again: a server refuses an object that is there before it has read the new
     * one, and its answer is lost as well.
     */
    void create(String what, S3Request request, InputStream content, long bytes, Made made)
            throws BackupStoreException {
        repeated(content, bytes, again -> {
            if (again && isThere(made)) {
                skip(content, bytes);
                return true;
            }
            return once("write", what, request, content, bytes).isSuccess();
        });
    }

    private static void skip(InputStream content, long bytes) throws BackupStoreException {
        try {
            content.skipNBytes(bytes);
        } catch (IOException e) {
            throw new BackupStoreException(StoreFault.FAILED, "cannot read what is sent: " + e.getMessage(), e);
        }
    }

    private static boolean isThere(Made made) throws BackupStoreException {
        try {
            return made.isThere();
        } catch (BackupStoreException e) {
            if (e.fault() == StoreFault.MISSING) {
                return false;
            }
            throw e;
        }
    }

    private <T> T repeated(InputStream content, long bytes, Retries.Attempt<T> attempt) throws BackupStoreException {
        if (bytes > 0 && !content.markSupported()) {
            return attempt.make(false);
        }
        content.mark(Integer.MAX_VALUE);
        return retries.run(again -> {
            if (again && bytes > 0) {
                reset(content);
            }
            return attempt.make(again);
        });
    }

    private static void reset(InputStream content) throws BackupStoreException {
        try {
            content.reset();
        } catch (IOException e) {
            throw new BackupStoreException(StoreFault.FAILED, "cannot read again what is sent: " + e.getMessage(), e);
        }
    }

    private S3Answer once(String verb, String what, S3Request request, InputStream content, long bytes)
            throws BackupStoreException {
        BoundedStream body = new BoundedStream(content, bytes);
        try {
            return requireSuccess(verb, what, http.send(what, request, access.sign(request), body, bytes));
        } finally {
            body.end();
        }
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
}
