package io.trustedlaunch.agent.imageform;

/** Ends the reading of an image that is refused. */
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
