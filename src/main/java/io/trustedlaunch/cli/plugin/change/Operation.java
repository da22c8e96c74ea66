package io.trustedlaunch.cli.plugin.change;

import com.fasterxml.jackson.annotation.JsonInclude;

/**
 * An operation of a JSON patch (RFC 6902).
 *
 * @param path a JSON pointer
 * @param value absent if something is removed
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record Operation(String op, String path, Object value) {
    /** Adds it to an object or a list, or replaces it in an object. */
    static Operation add(String path, Object value) {
        return new Operation("add", path, value);
    }

    public static Operation replace(String path, Object value) {
        return new Operation("replace", path, value);
    }

    static Operation remove(String path) {
        return new Operation("remove", path, null);
    }
}
