package io.trustedlaunch.agent.migration.arrival;

/** A text that is not the XML that libvirt writes. */
final class RefusedXmlException extends Exception {
    private static final long serialVersionUID = 1;

    RefusedXmlException(String message) {
        super(message);
    }
}
