package io.trustedlaunch.api;

/** What should be running. The terms are KubeVirt's. */
public enum RunStrategy {
    /** The VM runs; it is started again however it ended. */
    Always,
    /** The VM runs; it is started again after a crash, and stays off after the guest shut itself down. */
    RerunOnFailure,
    /** The VM is off. */
    Halted
}
