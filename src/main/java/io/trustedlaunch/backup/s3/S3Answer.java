package io.trustedlaunch.backup.s3;

import java.net.http.HttpHeaders;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A server's answer: hostile input.
 *
 * @param body never more than its reader asked for
 */
record S3Answer(int status, HttpHeaders headers, byte[] body) {
    private static final Pattern CODE = Pattern.compile("[A-Za-z]{1,64}");

    /** The length at the end; a server may also say "*" for an unknown one. */
    private static final Pattern CONTENT_RANGE = Pattern.compile("bytes (?:\\d{1,18}-\\d{1,18}|\\*)/(\\d{1,18})");

    boolean isSuccess() {
        return status / 100 == 2;
    }

    Optional<String> header(String name) {
        return headers.firstValue(name);
    }

    /** The bytes of the whole object that a range was asked of. */
    Optional<Long> objectBytes() {
        return header("Content-Range")
                .map(CONTENT_RANGE::matcher)
                .filter(Matcher::matches)
                .map(range -> Long.parseLong(range.group(1)));
    }

    /** S3's name of the error, for example NoSuchKey; empty if it is none. */
    String errorCode() {
        return S3Xml.first(body, "Error", "Code")
                .filter(code -> CODE.matcher(code).matches())
                .orElse("");
    }

    /** S3 has no code for that: it says until when the URL was valid. */
    boolean isExpired() {
        return status == 403
                && (errorCode().startsWith("Expired")
                        || S3Xml.first(body, "Error", "Expires").isPresent()
                        || S3Xml.first(body, "Error", "Message")
                                .filter("Request has expired"::equals)
                                .isPresent());
    }
}
