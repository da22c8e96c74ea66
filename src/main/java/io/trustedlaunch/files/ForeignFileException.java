package io.trustedlaunch.files;

import java.io.IOException;

/** A link, or something else that is not made here, is in the place of a file or folder. */
public final class ForeignFileException extends IOException {
    private static final long serialVersionUID = 1L;

    public ForeignFileException(String message) {
        super(message);
    }
}
