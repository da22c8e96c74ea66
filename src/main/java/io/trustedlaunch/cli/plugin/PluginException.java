package io.trustedlaunch.cli.plugin;

/** Something that the user can understand and change; the message says what. */
final class PluginException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    PluginException(String message) {
        super(message);
    }
}
