package io.trustedlaunch.api.vm;

/** When the guest should run. The terms are those of KubeVirt. */
public enum RunStrategy {
    /** It runs, and is started again however it ended. */
    Always,
    /** It runs, and is started again after a crash; it stays off after it shut itself down. */
    RerunOnFailure,
    /** It is off. */
    Halted
}
