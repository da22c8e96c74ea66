package io.trustedlaunch.web;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.fabric8.kubernetes.api.model.Secret;
import io.trustedlaunch.api.Api;
import io.trustedlaunch.custody.PullCredentials;
import java.util.Base64;
import java.util.Map;
import java.util.Optional;

/**
 * A Secret with credentials for a server. Its type marks it as one: users who name the Secret choose the server too, and the
 * operator's namespace has Secrets that no server may see.
 */
public record ServerSecret(Secret secret) {
    private static final String BASIC = "kubernetes.io/basic-auth";

    /**
     * The credentials for a web server.
     *
     * @throws IllegalArgumentException with the problem, and none of the contents
     */
    public PullCredentials credentials() {
        if (BASIC.equals(secret.getType())) {
            return PullCredentials.basic(field("username"), field("password"));
        }
        if (Api.BEARER_TOKEN_TYPE.equals(secret.getType())) {
            return PullCredentials.bearer(field("token"));
        }
        throw otherType(BASIC + " (username, password) or " + Api.BEARER_TOKEN_TYPE + " (token)");
    }

    /**
     * One field of a Secret that must have this type.
     *
     * @param hint how to create such a Secret
     * @throws IllegalArgumentException as {@link #credentials} does
     */
    public String field(String key, String type, String hint) {
        if (!type.equals(secret.getType())) {
            throw otherType(type + ", " + hint);
        }
        return field(key);
    }

    private IllegalArgumentException otherType(String wanted) {
        return new IllegalArgumentException(
                "the Secret has type " + secret.getType() + " and must have type " + wanted);
    }

    private String field(String key) {
        String value = Optional.ofNullable(secret.getData()).orElse(Map.of()).get(key);
        if (value == null) {
            throw new IllegalArgumentException("the Secret has no key " + key);
        }
        return new String(Base64.getDecoder().decode(value), UTF_8);
    }
}
