package io.trustedlaunch.agent.imagecopy;

/** The copy is not wanted any more. */
final class CancelledImportException extends RuntimeException {
    private static final long serialVersionUID = 1L;
}
