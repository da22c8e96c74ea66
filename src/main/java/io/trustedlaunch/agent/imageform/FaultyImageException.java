package io.trustedlaunch.agent.imageform;

/** The image is refused; its inspection ends here. */
final class FaultyImageException extends Exception {
    private static final long serialVersionUID = 1L;

    private final ImageFault fault;

    FaultyImageException(ImageFault fault) {
        super(fault.name(), null, false, false);
        this.fault = fault;
    }

    ImageFault fault() {
        return fault;
    }

    static void when(boolean faulty, ImageFault fault) throws FaultyImageException {
        if (faulty) {
            throw new FaultyImageException(fault);
        }
    }
}
