package io.trustedlaunch.custody;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.Base64;

/** What a server that images come from wants to see. */
public sealed interface PullCredentials {
    /** Of user and password together, or of a token; no server takes longer ones in a header. */
    int MAX_LENGTH = 16 * 1024;

    /** The value of a request's header {@code Authorization}. */
    String authorization();

    /** @throws IllegalArgumentException if no request can carry them; the message says nothing of what is in them */
    static PullCredentials basic(String user, String password) {
        return new Basic(user, password);
    }

    /** @throws IllegalArgumentException if no request can carry it; the message says nothing of what is in it */
    static PullCredentials bearer(String token) {
        return new Bearer(token);
    }

    record Basic(String user, String password) implements PullCredentials {
        public Basic {
            require(!user.contains(":"), "the user name has a colon in it");
            require(
                    (user + password).chars().noneMatch(Character::isISOControl),
                    "they have a control character in" + " them, such as a line break at the end");
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
                    "the token has characters that no token has, such as a line break at the end");
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
