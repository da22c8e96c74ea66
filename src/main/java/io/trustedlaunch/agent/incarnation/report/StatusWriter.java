package io.trustedlaunch.agent.incarnation.report;

import io.trustedlaunch.api.VMIncarnation;
import io.trustedlaunch.api.VMIncarnationStatus;

/** Writes an incarnation's status. */
@FunctionalInterface
public interface StatusWriter {
    /** Returns what the API server has acknowledged; throws where it has not. */
    VMIncarnation write(VMIncarnation incarnation, VMIncarnationStatus status);
}
