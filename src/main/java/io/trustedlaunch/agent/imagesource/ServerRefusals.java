package io.trustedlaunch.agent.imagesource;

import io.trustedlaunch.agent.host.RefusedException;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.web.HttpsClient;
import io.trustedlaunch.web.HttpsException;
import io.trustedlaunch.web.HttpsResponse;
import java.time.InstantSource;
import java.util.Optional;

/**
 * Turns a server's errors into messages for the users of an image.
 *
 * @param image name of the GuestImage
 * @param source field of the GuestImage with the address, like {@code spec.source.https}
 * @param credentials field in it that names a Secret
 * @param shown whether credentials were sent
 */
record ServerRefusals(String image, String source, String credentials, boolean shown, InstantSource clock) {
    private static final String AGAIN = "; check the server; the agent tries again";

    RuntimeException of(HttpsException fault) {
        return switch (fault.kind()) {
            case UNTRUSTED ->
                refused(
                        Reason.ImageServerUntrusted,
                        fault.getMessage() + ". Put the certificate of the server's authority into " + source
                                + ".caBundle, or fix the server's certificate");
            case REDIRECTED ->
                refused(Reason.ImageRedirectRefused, fault.getMessage() + "; correct the server's redirect");
            case UNREACHABLE -> new TryLaterException(begin() + fault.getMessage() + AGAIN, fault);
        };
    }

    RuntimeException of(HttpsResponse response) {
        String outcome = response.redactedUri() + " answered " + response.status();
        return switch (response.status()) {
            case 404, 410 ->
                refused(
                        Reason.ImageSourceMissing,
                        outcome + "; put the image there, or correct the address in " + source);
            case 401, 403 -> refused(Reason.ImageAccessDenied, outcome + denied());
            default ->
                new TryLaterException(
                        begin() + outcome + AGAIN,
                        response.header("Retry-After").flatMap(value -> RetryAfter.parse(value, clock.instant())));
        };
    }

    /** A client that trusts the authorities in the source's spec. */
    HttpsClient client(String caBundle) {
        try {
            return HttpsClient.trusting(Optional.ofNullable(caBundle));
        } catch (IllegalArgumentException e) {
            throw refused(
                    Reason.ImageServerUntrusted,
                    source + ".caBundle " + e.getMessage() + "; create a GuestImage with a correct one");
        }
    }

    RefusedException refused(Reason reason, String detail) {
        return new RefusedException(reason, begin() + detail);
    }

    TryLaterException later(String detail) {
        return new TryLaterException(begin() + detail + AGAIN, Optional.empty());
    }

    private String denied() {
        String field = source + "." + credentials;
        return shown
                ? " to the credentials in the Secret of " + field + "; correct them there"
                : "; name a Secret with credentials in " + field;
    }

    private String begin() {
        return "cannot fetch image " + image + ": ";
    }
}
