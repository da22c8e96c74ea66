package io.trustedlaunch.agent.imagesource;

import io.trustedlaunch.agent.host.RefusedException;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.web.HttpsClient;
import io.trustedlaunch.web.HttpsException;
import io.trustedlaunch.web.HttpsResponse;
import java.time.InstantSource;
import java.util.Optional;

/**
 * What a server's no means for whoever waits for an image.
 *
 * @param image its GuestImage's name
 * @param source the part of the GuestImage's spec that has the address: {@code spec.source.https}
 * @param credentials the field in it for a Secret
 * @param shown whether there are credentials
 */
record ServerRefusals(String image, String source, String credentials, boolean shown, InstantSource clock) {
    RuntimeException of(HttpsException fault) {
        return switch (fault.kind()) {
            case UNTRUSTED ->
                refused(
                        Reason.ImageServerUntrusted,
                        fault.getMessage() + ". Put the certificate of its authority into " + source
                                + ".caBundle, or mend the server's");
            case REDIRECTED -> refused(Reason.ImageRedirectRefused, fault.getMessage());
            case UNREACHABLE -> new TryLaterException(begin() + fault.getMessage(), fault);
        };
    }

    RuntimeException of(HttpsResponse answer) {
        String what = answer.redactedUri() + " answers " + answer.status();
        return switch (answer.status()) {
            case 404, 410 ->
                refused(
                        Reason.ImageSourceMissing,
                        what + ": put the image there, or name its right place in " + source);
            case 401, 403 -> refused(Reason.ImageAccessDenied, what + denied());
            default ->
                new TryLaterException(
                        begin() + what,
                        answer.header("Retry-After").flatMap(value -> RetryAfter.parse(value, clock.instant())));
        };
    }

    /** A client for the source, with the certificates that its spec has. */
    HttpsClient believing(String caBundle) {
        try {
            return HttpsClient.trusting(Optional.ofNullable(caBundle));
        } catch (IllegalArgumentException e) {
            throw refused(Reason.ImageServerUntrusted, source + ".caBundle " + e.getMessage());
        }
    }

    RefusedException refused(Reason reason, String detail) {
        return new RefusedException(reason, begin() + detail);
    }

    TryLaterException later(String detail) {
        return new TryLaterException(begin() + detail, Optional.empty());
    }

    private String denied() {
        String field = source + "." + credentials;
        return shown
                ? " to the credentials in the Secret that " + field + " names: put the right ones into it"
                : ": name a Secret with credentials in " + field;
    }

    private String begin() {
        return "image " + image + " cannot be fetched: ";
    }
}
