package io.trustedlaunch.custody;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.Base64;

/** Credentials for a server that serves images. */
public sealed interface PullCredentials {
    /** Limit in characters, of user and password together or of a token; servers do not accept longer headers. */
    int MAX_LENGTH = 16 * 1024;

    /** The value of a request's header {@code Authorization}. */
    String authorization();

    /** @throws IllegalArgumentException if no request can carry them; the message does not quote them */
    static PullCredentials basic(String user, String password) {
        return new Basic(user, password);
    }

    /** @throws IllegalArgumentException if no request can carry it; the message does not quote it */
    static PullCredentials bearer(String token) {
        return new Bearer(token);
    }

    record Basic(String user, String password) implements PullCredentials {
        public Basic {
            require(!user.contains(":"), "the user name contains a colon");
            require(
                    (user + password).chars().noneMatch(Character::isISOControl),
                    "they contain a control character, such as a line break at the end");
            require(UTF_8.newEncoder().canEncode(user + password), "they are not text");
            require(user.length() + password.length() <= MAX_LENGTH, "they are too long");
        }

        @Override
        public String authorization() {
            return "Basic " + Base64.getEncoder().encodeToString((user + ":" + password).getBytes(UTF_8));
        }

        @Override
        public String toString() {
            return "Basic[…]";
        }
    }

    record Bearer(String token) implements PullCredentials {
        public Bearer {
            require(!token.isEmpty(), "the token is empty");
            require(
                    token.chars().allMatch(each -> each > ' ' && each <= '~'),
                    "the token contains characters that are not allowed in one, such as a line break at the end");
            require(token.length() <= MAX_LENGTH, "the token is too long");
        }

        @Override
        public String authorization() {
            return "Bearer " + token;
        }

        @Override
        public String toString() {
            return "Bearer[…]";
        }
    }

    private static void require(boolean holds, String otherwise) {
        if (!holds) {
            throw new IllegalArgumentException(otherwise);
        }
    }
}
