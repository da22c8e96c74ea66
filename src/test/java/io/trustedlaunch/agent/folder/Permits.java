package io.trustedlaunch.agent.folder;

/** Permits without a gate, for tests of what needs one. */
public final class Permits {
    private Permits() {}

    public static Permit to(Permit.Act act, VmFolder folder) {
        return new Permit(folder, act, () -> {});
    }
}
