package io.trustedlaunch.agent.incarnation.report;

import io.trustedlaunch.api.incarnation.VMIncarnation;
import io.trustedlaunch.api.incarnation.VMIncarnationStatus;

/** Writes the status of an incarnation. */
@FunctionalInterface
public interface StatusWriter {
    /** Returns the object as the API server has acknowledged it. */
    VMIncarnation write(VMIncarnation incarnation, VMIncarnationStatus status);
}
